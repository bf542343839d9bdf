import { type Secret } from '../../contract/secret.ts';

/** Shorter ones stand on a screen by chance: every "abc" would be blanked, and no recording could be kept. */
const leastLength = 4;

/** The secrets that were typed in a session: no screen and no recording may show them. */
export class UsedSecrets {
  readonly #secrets = new Map<string, Secret>();

  add(secret: Secret): void {
    if (secret.reveal().length >= leastLength) this.#secrets.set(secret.reveal(), secret);
  }

  get texts(): readonly string[] {
    return [...this.#secrets.keys()];
  }

  get all(): readonly Secret[] {
    return [...this.#secrets.values()];
  }
}
