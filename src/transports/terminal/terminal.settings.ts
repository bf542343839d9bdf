import { ArrayMaxSize, IsArray, IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, Min } from 'class-validator';
import { type Secret } from '../../contract/secret.ts';
import { Setting } from '../../contract/settings.ts';
import { PoolSettings, TerminalUser } from './pool/pool.settings.ts';

export class TerminalSettings {
  @Setting('How the terminal speaks: ssh, telnet or tn3270 (which needs the program s3270).')
  @IsIn(['ssh', 'telnet', 'tn3270'])
  protocol: 'ssh' | 'telnet' | 'tn3270' = 'ssh';

  @Setting('Name or address of the host.')
  @Matches(/^(?!-)[A-Za-z0-9._:%-]{1,253}$/)
  host: string;

  @Setting('Port; by default 22 for ssh, 23 for telnet and tn3270, 992 for both with tls.')
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(65_535)
  port?: number;

  @Setting('User at the host. With telnet and tn3270 only screens ask for it.')
  @IsOptional()
  @IsString()
  user?: string;

  @Setting('Password of the user.', { secret: true })
  @IsOptional()
  password?: Secret;

  @Setting('User ids for sessions side by side, one session each. Without them it is user and password. With ssh and no user they log in there.', {
    nested: TerminalUser,
    list: true,
  })
  @IsArray()
  @ArrayMaxSize(1_000)
  users: TerminalUser[] = [];

  @Setting('How sessions are kept.', { nested: PoolSettings })
  pool: PoolSettings = new PoolSettings();

  @Setting('ssh: private key (OpenSSH or PEM file).')
  @IsOptional()
  @IsString()
  keyFile?: string;

  @Setting('ssh: passphrase of the key.', { secret: true })
  @IsOptional()
  keyPassphrase?: Secret;

  @Setting('ssh: socket of an agent that holds the key: /run/user/1000/ssh-agent.')
  @IsOptional()
  @IsString()
  agent?: string;

  @Setting('ssh: fingerprints of the keys the host may show: SHA256:… as ssh-keygen -l prints them.')
  @IsArray()
  @ArrayMaxSize(50)
  @Matches(/^SHA256:[A-Za-z0-9+/]{43}=?$/, { each: true })
  hostKeys: string[] = [];

  @Setting('ssh: file of known host keys, as OpenSSH keeps it.')
  @IsOptional()
  @IsString()
  knownHostsFile?: string;

  @Setting('ssh: old algorithms to allow besides the safe ones, by name: diffie-hellman-group14-sha1, ssh-rsa, aes128-cbc, hmac-sha1.')
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  oldAlgorithms: string[] = [];

  @Setting('ssh: command to run on the terminal instead of the login shell.')
  @IsOptional()
  @IsString()
  command?: string;

  @Setting('telnet, tn3270: speak TLS from the first byte.')
  @IsBoolean()
  tls = false;

  @Setting('tls: certificates (PEM file) to trust instead of the public ones.')
  @IsOptional()
  @IsString()
  caFile?: string;

  @Setting('tls: name that the certificate must have, when it is not the host.')
  @IsOptional()
  @Matches(/^(?!-)[A-Za-z0-9.-]{1,253}$/)
  serverName?: string;

  @Setting('ssh, telnet: the terminal that the host is told: vt220, vt100, xterm, xterm-256color.')
  @IsIn(['vt220', 'vt100', 'xterm', 'xterm-256color'])
  terminal: 'vt220' | 'vt100' | 'xterm' | 'xterm-256color' = 'vt220';

  @Setting('ssh, telnet: characters of the host: utf-8, iso-8859-1 or ascii.')
  @IsIn(['utf-8', 'iso-8859-1', 'ascii'])
  charset: 'utf-8' | 'iso-8859-1' | 'ascii' = 'utf-8';

  @Setting('ssh, telnet: rows of the screen.')
  @IsInt()
  @Min(4)
  @Max(255)
  rows = 24;

  @Setting('ssh, telnet: columns of the screen.')
  @IsInt()
  @Min(20)
  @Max(255)
  columns = 80;

  @Setting('tn3270: model; 2 is 24×80, 3 is 32×80, 4 is 43×80, 5 is 27×132.')
  @IsIn(['2', '3', '4', '5'])
  model: '2' | '3' | '4' | '5' = '2';

  @Setting('tn3270: code page of the host: cp037, cp273, cp500, cp1047, cp1140, cp1141 and their like.')
  @Matches(/^cp\d{3,4}$/)
  codePage = 'cp037';

  @Setting('tn3270: logical units to ask for, the first that is free is taken.')
  @IsArray()
  @ArrayMaxSize(20)
  @Matches(/^[A-Za-z0-9$#@]{1,8}$/, { each: true })
  logicalUnits: string[] = [];

  @Setting('tn3270: the program s3270, by name or path.')
  @IsString()
  s3270 = 's3270';

  @Setting('Longest time to connect, log-in of ssh included, ms.')
  @IsInt()
  @Min(1)
  connectTimeoutMs = 10_000;

  @Setting('Longest time for the host to show what was typed, ms.')
  @IsInt()
  @Min(1)
  echoTimeoutMs = 2_000;

  @Setting('Longest time for the host to show a known screen after a key, ms; the deadline of the call ends it sooner.')
  @IsInt()
  @Min(1)
  screenTimeoutMs = 10_000;

  @Setting('ssh, telnet: how often a silent host is asked whether it is there, ms; 0 never. It is given up after the third time.')
  @IsInt()
  @Min(0)
  keepaliveMs = 15_000;

  @Setting('Largest recording of a session, bytes; what comes after is left out, but for the last screen.')
  @IsInt()
  @Min(16_384)
  maxRecordingBytes = 1_048_576;
}

export const portOf = ({ port, protocol, tls }: TerminalSettings): number => port ?? (protocol === 'ssh' ? 22 : tls ? 992 : 23);
