/** Which fields of an operation's event and replies are sensitive: their values are in no index. */
export interface SensitiveFields {
  readonly event: readonly string[];
  /** By event type of the reply. */
  readonly replies: Readonly<Record<string, readonly string[]>>;
}

/** What a system's operations keep from being searched. Of operations that are not named nobody knows it, and nothing of them is searched. */
export type SearchedSystem = Readonly<Record<string, SensitiveFields>>;

/** The systems whose bodies are searched, by name. */
export type SearchedBodies = Readonly<Record<string, SearchedSystem>>;

/** How far what is said and answered can be found by its words. */
export interface BodySearch {
  readonly systems: readonly {
    readonly system: string;
    /** Of what was there when it was turned on, the part that can be found by now, 0 to 1: the newest first. */
    readonly done: number;
  }[];
  /** Changes that have not been looked at. */
  readonly behind: number;
  /** When the oldest translation that has such a change arrived, ms; null when there is none. */
  readonly upToMs: number | null;
}
