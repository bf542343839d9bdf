import { connect } from 'node:net';
import ssh2, { type SFTPWrapper } from 'ssh2';

/** An SFTP server, as a process other than the one that started it knows it. */
export interface Server {
  readonly port: number;
  readonly user: string;
  /** PEM. */
  readonly key: string;
  readonly fingerprint: string;
}

/** ssh2's own client, on one connection without Nagle's delay. */
export async function connected({ port, user, key }: Omit<Server, 'fingerprint'>): Promise<{ sftp: SFTPWrapper; close: () => void }> {
  const client = new ssh2.Client();
  const sock = connect({ host: '127.0.0.1', port, noDelay: true });
  await new Promise((resolve, reject) => {
    client.once('ready', () => resolve(undefined)).once('error', reject);
    client.connect({ sock, username: user, privateKey: key });
  });
  const sftp = await new Promise<SFTPWrapper>((resolve, reject) => {
    client.sftp((error, opened) => (error === undefined ? resolve(opened) : reject(error)));
  });
  return { sftp, close: () => void client.end() };
}
