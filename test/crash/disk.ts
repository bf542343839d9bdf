import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { type KillSwitch } from './kill-switch.ts';

/** System calls that give and take names: where one operation of a local place is several of them, it can be killed between two. */
const naming = ['link', 'rename', 'unlink'] as const;

/** From here on these calls of the whole process go through the kill switch, as the port `disk`. */
export function watchDisk(killSwitch: KillSwitch): void {
  const watched = killSwitch.wrap('disk', { ...promises });
  for (const name of naming) Object.assign(promises, { [name]: watched[name] });
  syncBuiltinESMExports();
}
