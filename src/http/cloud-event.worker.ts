import { parentPort, workerData } from 'node:worker_threads';
import { GatehouseError } from '../contract/errors.ts';
import { readRequest } from './cloud-event.codec.ts';

const { headers, body } = workerData as { headers: Record<string, string>; body: Uint8Array };
try {
  parentPort?.postMessage({ events: readRequest(headers, body) });
} catch (error) {
  parentPort?.postMessage(
    error instanceof GatehouseError ? { code: error.code, message: error.message } : { code: 'NOT_AN_EVENT', message: 'the body cannot be read' },
  );
}
