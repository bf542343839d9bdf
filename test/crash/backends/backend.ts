import { type DeskAct } from '../../../src/contract/control.ts';
import { type CloudEvent } from '../../../src/contract/event.ts';
import { type TranslationRow, type UnusedNumber } from '../../../src/contract/journal-reader.ts';
import { type Class } from '../../../src/contract/json.ts';
import { type SourceTransport } from '../../../src/contract/source.ts';
import { type Transport } from '../../../src/contract/transport.ts';
import { type OpenPlace } from '../../../src/transports/file/places/open-place.ts';
import { type Reply } from '../events.ts';
import { type KillSwitch } from '../kill-switch.ts';

/**
 * What the gateway is sent. `all`: one of each kind, for a kill at a chosen call. `late`: a single call that must happen once, which the system
 * carries out after its deadline, while the gateway is dead. `one`: a single such call. `rounds`: many at random, new ones each round.
 */
export type Load = 'all' | 'late' | 'one' | 'rounds';

/** Something that the system has really done and must not do twice. */
export interface Effect {
  /** `kind ref`: `reserve s1`, `insert s1`, `record 4711`. */
  readonly name: string;
  /** What the system gave for it and replies repeat: a reservation, a number with its id. */
  readonly mark: string;
}

/** What must have come of an event when all is done. */
export interface Due {
  /** Type of its reply; null where the operation has none. */
  readonly reply: string | null;
  /** Names of the effects that must stand in the ledger, each with the mark that the reply shows. */
  readonly effects: readonly string[];
  /** Its system never answers: that it is parked for the reply that did not come is no doubt. */
  readonly unanswered?: true;
}

/** A call without a probe, or whose answer comes later: the only ones that may end in doubt. */
export interface Doubtful {
  readonly operation: string;
  readonly call: string;
  /** Its answer comes too late or never: it may end in doubt without a kill. */
  readonly unanswered?: boolean;
}

/** How the gateway meets the backend: what the child is composed of. */
export interface GatewaySide {
  readonly system: string;
  readonly adapter: Class;
  readonly callTimeoutMs: number;
  /** `place`: as the backend gave it. `open`: how directories of files are to be opened. */
  transports(place: string, open: OpenPlace): readonly { readonly transport: Transport; readonly settings: object }[];
  /** What else of the child is to go through the kill switch. */
  watch?(killSwitch: KillSwitch): void;
  /** What brings in events that nobody has posted. */
  sources?(place: string, open: OpenPlace): readonly { readonly transport: SourceTransport; readonly settings: object }[];
}

/** What the backend's books are held against in the end. */
export interface Inspected {
  readonly rows: readonly TranslationRow[];
  readonly unused: readonly UnusedNumber[];
  /** Events of the types that it `produces`, repeats included. */
  readonly brought: readonly Reply[];
  /** Calls that were in doubt at some time. */
  readonly inDoubt: number;
}

/**
 * What stands behind the gateway and outlives it: a practice system under one load, its faults armed, and its ledger, which judges.
 * Nothing in it may know what the gateway believes.
 */
export interface Backend {
  /** Where the child finds it: a port, a URL, a directory. */
  readonly place: string;
  /** Longest time that the system goes on with a call after its deadline under this load, ms. */
  readonly settleMs: number;
  /** The events of the load; none for `rounds`. */
  readonly events: readonly CloudEvent[];
  readonly doubtful: readonly Doubtful[];
  /** How long a round goes on at most until the kill, ms. Default 250. */
  readonly killWithinMs?: number;
  /** Types of the events that the gateway brings in from it by itself. */
  readonly produces: readonly string[];
  /** The events of the n-th round (from 1), with the faults that some of them meet. Takes all its chance from `random`, so that a seed repeats it. */
  round(n: number, random: () => number): readonly CloudEvent[];
  /** Whether the call of the load `late` has come in and waits to be carried out. */
  sitting(): boolean;
  ledger(): Promise<readonly Effect[]>;
  due(event: CloudEvent): Due;
  /** What the reply says was done, by its own fields. */
  claims(reply: Reply): readonly Effect[];
  /** What a person does about a row in doubt who has looked into the ledger. */
  settle(row: TranslationRow, ledger: readonly Effect[]): DeskAct;
  /** Everything else that its books show to be wrong, in words. */
  inspect(inspected: Inspected): readonly string[];
  /** What lies there and what its books have, for somebody who looks for the cause of something wrong. */
  shows?(): readonly string[];
  /** Resolves when nothing that was accepted is still to be carried out, and the gateway has nothing left to fetch; or at the signal: it is dead. */
  caughtUp(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
