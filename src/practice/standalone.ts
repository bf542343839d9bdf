import { readFileSync } from 'node:fs';
import { GatehouseError } from '../contract/errors.ts';
import { PracticeCarrier } from './carrier/carrier.server.ts';
import { PracticeMainframe } from './mainframe/mainframe.server.ts';
import { PracticeServiceNow } from './servicenow/servicenow.server.ts';
import { PracticeStockroom } from './stockroom/stockroom.server.ts';

export interface PracticeOptions {
  readonly host: string;
  /** 0 takes a free one; without it, the system's own. */
  readonly port?: number;
  readonly user: string;
  readonly passwordFile?: string;
}

interface Running {
  readonly listens: string;
  stop(): Promise<void>;
}

interface Access {
  readonly host: string;
  readonly user: string;
  readonly password?: string;
}

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
} as const;

export type PracticeSystem = keyof typeof systems;

/** A practice system for a gateway in another process or container. Its ledger is gone with it. Resolves after SIGTERM or SIGINT. */
export async function runPractice(system: PracticeSystem, { host, port, user, passwordFile }: PracticeOptions): Promise<void> {
  const password = passwordFile === undefined ? {} : { password: passwordIn(passwordFile) };
  const running = await systems[system]({ host, user, ...password }, port);
  process.stderr.write(`${running.listens}, user ${user}\n`);
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
