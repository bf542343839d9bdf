import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type Code, GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { readRequest } from './cloud-event.codec.ts';

const offThreadBytes = 1_000_000;

type Answer = { readonly events: CloudEvent[] } | { readonly code: Code; readonly message: string };

/** The events of a request; a large body is read off the gateway's thread (rule 6). @throws GatehouseError NOT_AN_EVENT, EVENT_TOO_LARGE */
export async function readAnyRequest(headers: Readonly<Record<string, string | string[] | undefined>>, body: Uint8Array): Promise<CloudEvent[]> {
  if (body.byteLength <= offThreadBytes) return readRequest(headers, body);
  const worker = new Worker(new URL(`./cloud-event.worker${extname(import.meta.url)}`, import.meta.url), {
    workerData: { headers: { ...headers }, body },
  });
  try {
    const answer = await new Promise<Answer>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', (error) =>
        reject(new GatehouseError('NOT_AN_EVENT', `a body of ${body.byteLength} bytes cannot be read`, { cause: error })),
      );
    });
    if ('code' in answer) throw new GatehouseError(answer.code, answer.message);
    return answer.events;
  } finally {
    await worker.terminate();
  }
}
