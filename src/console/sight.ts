/** What is sensitive in the translations of an operation, as another thread can be told it, too. */
export interface Sight {
  readonly acceptsType: string;
  /** Names of the sensitive fields of its event. */
  readonly accepts: ReadonlySet<string>;
  /** The same of its replies, by type. */
  readonly replies: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether its keys are such fields. */
  readonly key: boolean;
  readonly businessKey: boolean;
}

/** By `sightName`. */
export type Sights = ReadonlyMap<string, Sight>;

export const sightName = (system: string, operation: string): string => `${system} ${operation}`;
