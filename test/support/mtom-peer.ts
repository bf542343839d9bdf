import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { need } from './needs.ts';

const sources = resolve(import.meta.dirname, '../soap');

/** One message stored: the MIME parts its xop:Includes led to. None when the contents came inline. */
export interface Stored {
  readonly name: string;
  readonly parts: readonly { readonly type: string; readonly encoding: string; readonly bytes: number }[];
}

/**
 * An MTOM server on Python's own MIME and XML parsers. It proves that a message's parts, boundaries, Content-IDs and xop:Includes are right
 * to a reader that shares no line with ours, byte for byte, and answers in MTOM of its own spelling: header names in lower case, a
 * preamble, a percent-encoded cid. It judges no schema.
 */
export interface MtomPeer {
  /** SOAP 1.1 and 1.2 alike; with `?inline` behind it, `fetch` answers without MTOM. Connections are kept open. */
  readonly url: string;
  readonly wsdl: string;
  stored(): Stored[];
  stop(): Promise<void>;
}

export async function startMtomPeer(): Promise<MtomPeer> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-mtom-'));
  const child = spawn(need('python3', 'python3'), [join(sources, 'python/mtom.py'), folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const abandoned = (): void => void child.kill('SIGKILL');
  process.once('exit', abandoned);
  const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  const port = Number(String(said[0]));
  if (child.exitCode !== null || !(port > 0)) throw new Error('the MTOM peer did not start');
  const origin = `http://127.0.0.1:${port}`;
  const wsdl = join(folder, 'archive.wsdl');
  writeFileSync(wsdl, readFileSync(join(sources, 'wsdl/archive.wsdl'), 'utf8').replaceAll('ORIGIN/', `${origin}/`));
  return {
    url: `${origin}/archive`,
    wsdl: pathToFileURL(wsdl).href,
    stored() {
      try {
        const lines = readFileSync(join(folder, 'received'), 'utf8').split('\n').filter(Boolean);
        return lines.map((line) => JSON.parse(line) as Stored);
      } catch {
        return [];
      }
    },
    async stop() {
      process.off('exit', abandoned);
      const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : null;
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
