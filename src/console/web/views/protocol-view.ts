import { type ComponentType } from 'preact';
import { type NativeView } from '../../native.view.ts';

/*
 * One folder a protocol, all of the same shape: `view.tsx` exports `View`, which shows an exchange, and `lines.ts` exports `linesOf`, which
 * tells it in lines, so that any two can be compared. The type of `view` is the `inspection.ts` of the transport. A new protocol is such a
 * folder and a line in `protocols.ts`.
 */

export interface ViewProps<View> {
  readonly native: NativeView;
  readonly view: View;
  /** Path of the call in the API: parts are below it. Null of what is only drafted: there is nothing to load, and nothing has a time. */
  readonly path: string | null;
  readonly revealed: boolean;
  /** Shows the exchange from another record or screen on. */
  readonly onFrom: (from: number) => void;
}

/** A protocol as it is loaded when it is first shown. */
export interface ProtocolView {
  readonly view: () => Promise<ComponentType<ViewProps<never>>>;
  readonly lines: () => Promise<(view: never) => readonly string[]>;
}
