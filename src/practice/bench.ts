import { type Class } from '../contract/json.ts';
import { type SystemSettings } from '../contract/settings.ts';
import { type SourceTransport } from '../contract/source.ts';
import { type Transport } from '../contract/transport.ts';

/** A practice system with its adapter and what reaches it: what every case of the adapter is run on. One file beside each server. */
export interface Bench {
  readonly system: string;
  readonly adapter: Class;
  readonly casesFolder: string;
  /** New ones for each case. */
  readonly transports: () => readonly Transport[];
  readonly sourceTransports?: () => readonly SourceTransport[];
  /** Where those of a case would be too short: a login over SSH takes its time. */
  readonly timing?: Partial<SystemSettings>;
  /** `preparation`: what `practice.json` of the case says: faults, and what is there before the event comes. */
  start(preparation: readonly object[]): Promise<RunningBench>;
}

export interface RunningBench {
  /** Settings of the system's transports, by their names. */
  readonly settings: Readonly<Record<string, object>>;
  /** Files as the practice system has got them, by name. */
  dropped?(): ReadonlyMap<string, Uint8Array>;
  /** Leaves a captured file where the source of this name picks it up, complete. */
  leave?(source: string, name: string, content: Uint8Array): void;
  stop(): Promise<void>;
}
