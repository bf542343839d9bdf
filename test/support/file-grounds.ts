import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/contract/secret.ts';
import { type PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { Ftpd } from './ftpd.ts';
import { Sshd } from './sshd.ts';
import { unprivileged } from './unprivileged.ts';

/** A server, or a disk, in whose directories a partner works. */
export interface FileGround {
  readonly home: string;
  readonly secret: string;
  /** Where the server listens; null for a disk. */
  readonly port: number | null;
  settings(folder: string, port: number | null): Partial<PlaceSettings>;
  /** Makes the next log-in fail, and takes it back. */
  lockOut(): () => void;
  /** Runs the work so that rights are rights: as nobody on a disk; a server works as nobody already. */
  unprivileged<T>(work: () => Promise<T>): Promise<T>;
  stop(): Promise<void>;
}

async function local(): Promise<FileGround> {
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-drop-'));
  chmodSync(home, 0o777);
  return {
    home,
    secret: 'CANARY',
    port: null,
    settings: (folder) => ({ kind: 'local', directory: folder }),
    lockOut: () => () => undefined,
    unprivileged,
    stop: async () => rmSync(home, { recursive: true, force: true }),
  };
}

/** What is written over for a while. */
function overwritten(path: string): () => void {
  const before = readFileSync(path);
  writeFileSync(path, '');
  return () => writeFileSync(path, before);
}

async function sftp(): Promise<FileGround> {
  const sshd = await Sshd.start();
  return {
    home: sshd.home,
    secret: sshd.key.split('\n')[2] ?? '',
    port: sshd.port,
    settings: (folder, port) => ({
      kind: 'sftp',
      directory: folder,
      host: '127.0.0.1',
      port: port ?? sshd.port,
      user: sshd.user,
      key: new Secret('env:KEY', sshd.key),
      hostKeys: [sshd.fingerprint],
    }),
    lockOut: () => overwritten(join(sshd.home, '..', 'authorized_keys')),
    unprivileged: (work) => work(),
    stop: () => sshd.stop(),
  };
}

async function ftp(): Promise<FileGround> {
  const ftpd = await Ftpd.start();
  return {
    home: ftpd.home,
    secret: ftpd.password,
    port: ftpd.port,
    settings: (folder, port) => ({
      kind: 'ftp',
      directory: folder,
      tls: 'none',
      host: 'localhost',
      port: port ?? ftpd.port,
      user: ftpd.user,
      password: new Secret('env:FTP', ftpd.password),
    }),
    lockOut: () => overwritten(join(ftpd.home, '..', 'users')),
    unprivileged: (work) => work(),
    stop: () => ftpd.stop(),
  };
}

export const fileGrounds = { local, sftp, ftp } as const;

/** A directory of its own on a ground, in which the server may do everything. */
export function folderOn(ground: FileGround): string {
  const folder = mkdtempSync(join(ground.home, 'partner-'));
  chmodSync(folder, 0o777);
  return folder;
}

/** A directory in which everybody may do everything. */
export function openDirectory(path: string): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o777);
  return path;
}
