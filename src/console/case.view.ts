/** A translation as a case folder. */
export interface SavedCase {
  /** `open-incident--caller-unknown`: lower case letters, digits and hyphens. */
  readonly name: string;
  readonly system: string;
  /** By path in the folder: `event.json`, `dropped/MANIFEST_000001.TXT`. */
  readonly files: Readonly<Record<string, { readonly base64: string }>>;
  /** Sentences for people: what is not in it, and why. */
  readonly notes: readonly string[];
}
