import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { GatehouseError } from '../contract/errors.ts';
import { PracticeCarrier } from './carrier/carrier.server.ts';
import { PracticeMainframe } from './mainframe/mainframe.server.ts';
import { PracticeNightly } from './nightly/nightly.batch.ts';
import { PracticeServiceNow } from './servicenow/servicenow.server.ts';
import { PracticeStockroom } from './stockroom/stockroom.server.ts';

export interface PracticeOptions {
  readonly host: string;
  /** 0 takes a free one; without it, the system's own. */
  readonly port?: number;
  readonly user: string;
  readonly passwordFile?: string;
  /** Where a system lives that only has files. */
  readonly directory?: string;
}

interface Running {
  readonly listens: string;
  stop(): Promise<void>;
}

interface Access {
  readonly host: string;
  readonly user: string;
  readonly password?: string;
  readonly directory?: string;
}

const nightMs = 5_000;
const extractMs = 30_000;

const systems = {
  carrier: async (access: Access, port = 8122): Promise<Running> => {
    // A gateway may have sent it manifests before: it goes on from whatever number comes first.
    const practice = await PracticeCarrier.start({ ...access, port, first: null });
    return {
      listens: `practice carrier (SFTP) listens on ${access.host}:${practice.port} (${practice.fingerprint})`,
      stop: () => practice.close(),
    };
  },
  servicenow: async (access: Access, port = 8090): Promise<Running> => {
    const practice = await PracticeServiceNow.start({ ...access, port });
    return { listens: `practice ServiceNow (SOAP) listens on ${practice.url}`, stop: () => practice.stop() };
  },
  stockroom: async (access: Access, port = 8022): Promise<Running> => {
    const practice = await PracticeStockroom.start({ ...access, sshPort: port, telnetPort: port === 0 ? 0 : port + 1 });
    return {
      listens: `practice stockroom (VT220) listens on ${access.host}, SSH ${practice.sshPort} (${practice.fingerprint}), telnet ${practice.telnetPort}`,
      stop: () => practice.close(),
    };
  },
  mainframe: async (access: Access, port = 8270): Promise<Running> => {
    const practice = await PracticeMainframe.start({ ...access, port, enhanced: true });
    return { listens: `practice mainframe (TN3270) listens on ${access.host}:${practice.port}`, stop: () => practice.close() };
  },
  ledger: async ({ directory }: Access): Promise<Running> => {
    if (directory === undefined) throw new GatehouseError('NOT_POSSIBLE', 'the practice ledger lives in a directory: give --directory <dir>');
    // A gateway may have dropped files for it before: it goes on from whatever number comes first.
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    const practice = new PracticeNightly({ folder: resolve(directory), everyMs: nightMs, extractEveryMs: extractMs, firstNumber: null, day });
    return {
      listens: `practice ledger (files in EBCDIC) runs a night every ${nightMs / 1_000} s in ${practice.folder}`,
      stop: async () => practice.stop(),
    };
  },
} as const;

export type PracticeSystem = keyof typeof systems;

/** A practice system for a gateway in another process or container. Its ledger is gone with it. Resolves after SIGTERM or SIGINT. */
export async function runPractice(system: PracticeSystem, { host, port, user, passwordFile, directory }: PracticeOptions): Promise<void> {
  const password = passwordFile === undefined ? {} : { password: passwordIn(passwordFile) };
  const running = await systems[system]({ host, user, ...password, ...(directory === undefined ? {} : { directory }) }, port);
  const who = `, user ${user}, password ${passwordFile === undefined ? 'practice' : `in ${passwordFile}`}`;
  process.stderr.write(`${running.listens}${system === 'ledger' ? '' : who}\n`);
  await new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()).once('SIGINT', () => resolve()));
  await running.stop();
}

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new GatehouseError('NOT_POSSIBLE', `the password file ${file} cannot be read`, { cause: error });
  }
}
