import ntlm from 'axios-ntlm/lib/ntlm.js';
import { GatehouseError } from '../../contract/errors.ts';
import { type SoapSettings } from './soap.settings.ts';

/**
 * The two messages of an NTLM handshake. It authenticates a connection, so it happens before anything with an effect leaves.
 * @see MS-NLMP, section 1.3.1; RFC 4559 for its place in HTTP
 */
export class Ntlm {
  readonly #system: string;
  readonly #domain: string;
  readonly #user: string;
  readonly #settings: SoapSettings;

  constructor(system: string, settings: SoapSettings) {
    this.#system = system;
    this.#settings = settings;
    const [, domain = '', user = ''] = /^(?:([^\\]*)\\)?(.*)$/s.exec(settings.user ?? '') ?? [];
    this.#domain = domain;
    this.#user = user;
  }

  negotiate(): string {
    return ntlm.createType1Message('', '');
  }

  /** @throws GatehouseError CREDENTIALS_REFUSED when the system offers no NTLM */
  authenticate(challenge: string | undefined): string {
    const offer = challenge
      ?.split(',')
      .map((each) => each.trim())
      .find((each) => /^NTLM \S/i.test(each));
    if (offer === undefined)
      throw new GatehouseError('CREDENTIALS_REFUSED', `${this.#system}: the system offers no NTLM challenge; set authentication to what it wants`);
    try {
      return ntlm.createType3Message(ntlm.decodeType2Message(offer), this.#user, this.#settings.password?.reveal() ?? '', '', this.#domain);
    } catch (error) {
      throw new GatehouseError('CREDENTIALS_REFUSED', `${this.#system}: the NTLM challenge of the system cannot be answered`, { cause: error });
    }
  }
}
