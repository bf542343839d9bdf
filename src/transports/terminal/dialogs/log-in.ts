import { type Step } from './dialog.ts';
import { type ScreenRule } from './rule.ts';

/** From the log-in screen to home: a step for each screen that may ask something, in any order. Each is done once, the password is typed once. */
export interface LogIn {
  readonly steps: readonly [Step, ...Step[]];
  /**
   * On the screen that says the user is still logged on: what goes on in that session, or ends it and begins anew. Done only where the
   * settings say so.
   */
  readonly takeOver?: Step;
  /** `credentials` and `no session`. A log-in screen that comes again and fits none of them refuses the credentials, too. */
  readonly refusals?: readonly ScreenRule[];
}
