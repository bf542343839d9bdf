import { type WSSecurity, type WSSecurityCert } from 'soap';
import { readPem } from './soap.dial.ts';
import { type SoapSettings } from './soap.settings.ts';

/**
 * WS-Security by node-soap: UsernameToken (text or digest, with nonce and time stamp), and an X.509 signature over body and time stamp.
 * @see OASIS WS-Security 1.1, UsernameToken Profile 1.1, X.509 Token Profile 1.1
 */
export class WsSecurity {
  readonly signs: boolean;
  readonly #token: WSSecurity | null;
  readonly #signer: (() => WSSecurityCert) | null;

  private constructor(token: WSSecurity | null, signer: (() => WSSecurityCert) | null) {
    this.#token = token;
    this.#signer = signer;
    this.signs = signer !== null;
  }

  /** Null when the settings ask for none: node-soap is loaded only where it is used. @throws GatehouseError CONFIG_INVALID */
  static async create(system: string, settings: SoapSettings): Promise<WsSecurity | null> {
    const { authentication, user, password, signingKeyFile, signingCertificateFile, signingKeyPassphrase } = settings;
    const wantsToken = authentication.startsWith('wsse') && user !== undefined;
    if (!wantsToken && signingKeyFile === undefined) return null;
    const { default: soap } = await import('soap');
    const token = wantsToken
      ? new soap.WSSecurity(user, password?.reveal() ?? '', {
          passwordType: authentication === 'wsse-digest' ? 'PasswordDigest' : 'PasswordText',
          hasNonce: true,
          hasTimeStamp: signingKeyFile === undefined,
          mustUnderstand: true,
        } as never)
      : null;
    if (signingKeyFile === undefined) return new WsSecurity(token, null);
    const key = readPem(system, 'signingKeyFile', signingKeyFile);
    const certificate = readPem(system, 'signingCertificateFile', signingCertificateFile ?? '');
    return new WsSecurity(token, () => new soap.WSSecurityCert(key, certificate, signingKeyPassphrase?.reveal() ?? '', { hasTimeStamp: true }));
  }

  /** What stands in the header before it is signed. */
  header(): string {
    return this.#token?.toXML() ?? '';
  }

  /** The envelope with its signature; as it is when nothing signs. */
  sign(envelope: string): string {
    return this.#signer === null ? envelope : this.#signer().postProcess(envelope, 'soap');
  }
}
