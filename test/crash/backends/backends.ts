import { type Backend, type GatewaySide, type Load } from './backend.ts';

export const backendNames = ['depot', 'servicenow', 'files', 'files-sftp', 'terminal', 'mainframe'] as const;
export type BackendName = (typeof backendNames)[number];

export interface BackendKind {
  readonly side: GatewaySide;
  start(load: Load): Promise<Backend>;
}

const kinds: Readonly<Record<BackendName, () => Promise<BackendKind>>> = {
  depot: async () => (await import('./depot.backend.ts')).depot,
  servicenow: async () => (await import('./servicenow.backend.ts')).servicenow,
  files: async () => (await import('./files.backend.ts')).files,
  'files-sftp': async () => (await import('./files.backend.ts')).filesOverSftp,
  terminal: async () => (await import('./terminal.backend.ts')).terminal,
  mainframe: async () => (await import('./mainframe.backend.ts')).mainframe,
};

/** Loads no other backend: each life of the gateway under test pays for what it loads. */
export const backendKind = (name: BackendName): Promise<BackendKind> => kinds[name]();
