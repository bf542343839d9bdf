import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min, MinLength } from 'class-validator';
import { GatehouseError } from '../../../contract/errors.ts';
import { type Secret } from '../../../contract/secret.ts';
import { Setting } from '../../../contract/settings.ts';
import { oldAlgorithms } from '../../ssh/algorithms.ts';

/** Versions of TLS that are too old, which FTP may need. */
const oldProtocols = ['TLSv1.1', 'TLSv1'] as const;

export type OldAlgorithm = (typeof oldAlgorithms)[keyof typeof oldAlgorithms][number] | (typeof oldProtocols)[number];
const byName: readonly string[] = [...Object.values(oldAlgorithms).flat(), ...oldProtocols];

export class PlaceSettings {
  @Setting('Where the directory is: local (or mounted), sftp, ftp.')
  @IsIn(['local', 'sftp', 'ftp'])
  kind: 'local' | 'sftp' | 'ftp' = 'local';

  @Setting('The directory; nothing outside it is touched. At a server without a leading / it begins where the login leads.')
  @IsString()
  @MinLength(1)
  @MaxLength(2_000)
  // A control character in a path ends a command of FTP.
  @Matches(/^\P{Cc}*$/u)
  directory = '.';

  @Setting('Prefix of files that are not complete yet.')
  @Matches(/^[A-Za-z0-9._~-]{1,60}$/)
  temporaryPrefix = '.gatehouse-';

  @Setting('Directory of files that are not complete yet, inside the directory and on its file system; empty is the directory itself.')
  @IsString()
  temporaryDirectory = '';

  @Setting('Host of the server.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  host?: string;

  @Setting('Port; 0 is 22 for sftp and 21 for ftp.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  port = 0;

  @Setting('User.')
  @IsOptional()
  @IsString()
  @Matches(/^\P{Cc}{1,200}$/u)
  user?: string;

  @Setting('Password; also answers a server that asks for it interactively.', { secret: true })
  @IsOptional()
  password?: Secret;

  @Setting('Private key of the user (OpenSSH or PEM).', { secret: true })
  @IsOptional()
  key?: Secret;

  @Setting('Passphrase of the private key.', { secret: true })
  @IsOptional()
  passphrase?: Secret;

  @Setting('Socket of an ssh-agent whose keys are offered.')
  @IsOptional()
  @IsString()
  @MinLength(1)
  agent?: string;

  @Setting(
    'Fingerprints of the host keys that are accepted, as ssh-keygen -l shows them: SHA256:…. Without one and without knownHostsFile none is, and the check says which one it saw.',
  )
  @IsArray()
  @ArrayMaxSize(20)
  @Matches(/^SHA256:[A-Za-z0-9+/]{43}=?$/, { each: true })
  hostKeys: string[] = [];

  @Setting('A known_hosts file of OpenSSH with the host keys that are accepted.')
  @IsOptional()
  @IsString()
  knownHostsFile?: string;

  @Setting(`Old algorithms that are allowed besides the good ones, by name: ${byName.join(', ')}.`)
  @IsArray()
  @IsIn(byName, { each: true })
  algorithms: OldAlgorithm[] = [];

  @Setting('How FTP is protected: explicit (AUTH TLS, data too), or none, which sends the password and every file in the clear.')
  @IsIn(['explicit', 'none'])
  tls: 'explicit' | 'none' = 'explicit';

  @Setting('Certificates (PEM file) to trust instead of the public ones.')
  @IsOptional()
  @IsString()
  caFile?: string;

  @Setting('Name that the certificate of the server must have, when it is not the host.')
  @IsOptional()
  @IsString()
  serverName?: string;

  @Setting('Client certificate (PEM file) for FTP.')
  @IsOptional()
  @IsString()
  certificateFile?: string;

  @Setting('Key of the client certificate, PEM.', { secret: true })
  @IsOptional()
  certificateKey?: Secret;

  @Setting('The server may name another host than its own for data connections of FTP.')
  @IsBoolean()
  otherDataHost = false;

  @Setting('Connections at most. One of sftp carries 16 operations side by side, one of ftp a single one.')
  @IsInt()
  @Min(1)
  @Max(100)
  connections = 4;

  @Setting('Longest time to connect, login included, ms.')
  @IsInt()
  @Min(1)
  connectTimeoutMs = 10_000;

  @Setting('Longest time without any answer while one is awaited, ms; then the connection is given up.')
  @IsInt()
  @Min(100)
  answerTimeoutMs = 30_000;

  @Setting('Time between signs of life on a quiet sftp connection, ms; three without an answer end it. 0 sends none.')
  @IsInt()
  @Min(0)
  keepaliveMs = 10_000;

  @Setting('How long a connection that nobody uses is kept, ms.')
  @IsInt()
  @Min(0)
  idleMs = 60_000;
}

/** What the rules of single settings cannot say. @throws GatehouseError CONFIG_INVALID naming every mistake; `path` is where the settings are */
export function checkPlace(settings: PlaceSettings, path: string): void {
  const { kind, host, user, password, key, passphrase, agent, tls } = settings;
  const mistakes: string[] = [];
  const need = (fits: boolean, name: string, what: string): void => void (fits || mistakes.push(`${path}.${name}: ${what}`));
  if (kind === 'local') {
    need(settings.directory.startsWith('/') || /^[A-Za-z]:[\\/]/.test(settings.directory), 'directory', 'a local directory is an absolute path');
    need(host === undefined, 'host', 'a local directory has no host');
  } else {
    need(host !== undefined, 'host', `${kind} needs it`);
    need(user !== undefined, 'user', `${kind} needs it`);
  }
  if (kind === 'sftp') {
    need(password !== undefined || key !== undefined || agent !== undefined, 'key', 'sftp needs a key, an agent or a password');
    need(passphrase === undefined || key !== undefined, 'passphrase', 'there is no key that it belongs to');
  }
  if (kind === 'ftp') {
    need(password !== undefined, 'password', 'ftp needs it');
    need(
      tls === 'explicit' || (settings.caFile === undefined && settings.certificateFile === undefined),
      'tls',
      'a certificate is of no use with tls: none',
    );
    need(
      (settings.certificateFile === undefined) === (settings.certificateKey === undefined),
      'certificateKey',
      'a client certificate and its key go together',
    );
  }
  if (mistakes.length > 0) throw new GatehouseError('CONFIG_INVALID', mistakes.join('\n'));
}
