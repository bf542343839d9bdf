import { readFileSync } from 'node:fs';
import { GatehouseError } from '../contract/errors.ts';
import { PracticeServiceNow } from './servicenow/servicenow.server.ts';

export interface PracticeOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly passwordFile?: string;
}

/** The practice ServiceNow for a gateway in another process or container. Its ledger is gone with it. Resolves after SIGTERM or SIGINT. */
export async function runPractice({ host, port, user, passwordFile }: PracticeOptions): Promise<void> {
  const password = passwordFile === undefined ? undefined : passwordIn(passwordFile);
  const practice = await PracticeServiceNow.start({ host, port, user, ...(password === undefined ? {} : { password }) });
  process.stderr.write(`practice ServiceNow (SOAP) listens on ${practice.url}, user ${user}\n`);
  await new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()).once('SIGINT', () => resolve()));
  await practice.stop();
}

function passwordIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new GatehouseError('NOT_POSSIBLE', `the password file ${file} cannot be read`, { cause: error });
  }
}
