import { type ClassConstructor, plainToInstance } from 'class-transformer';
import { type ValidationError, validate } from 'class-validator';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Class, type Json } from '../contract/json.ts';

const parseInWorkerBytes = 1_000_000;
const parsed = new WeakMap<CloudEvent, Json>();

/** @throws GatehouseError EVENT_INVALID when the event says that its data is no JSON, or it is none */
export async function jsonPayloadOf(event: CloudEvent): Promise<Json> {
  const media = event.attributes.datacontenttype ?? 'application/json';
  if (!/^[a-z]+\/(?:json|[a-z0-9.-]+\+json)(?:\s*;|$)/i.test(media))
    throw new GatehouseError('EVENT_INVALID', `the data is no JSON: datacontenttype is ${media.slice(0, 100)}`);
  return payloadOf(event);
}

/**
 * The payload of an event as JSON; parsed once an event object. Large ones are parsed off this thread (rule 6).
 * @throws GatehouseError EVENT_INVALID when the bytes are no JSON in UTF-8
 */
export async function payloadOf(event: CloudEvent): Promise<Json> {
  const known = parsed.get(event);
  if (known !== undefined) return known;
  const payload = event.data.byteLength > parseInWorkerBytes ? await parseInWorker(event.data) : parse(event.data);
  parsed.set(event, payload);
  return payload;
}

function parse(data: Uint8Array): Json {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data)) as Json;
  } catch {
    throw new GatehouseError('EVENT_INVALID', `the data (${data.byteLength} bytes) is no JSON in UTF-8`);
  }
}

async function parseInWorker(data: Uint8Array): Promise<Json> {
  const worker = new Worker(new URL(`./payload.worker${extname(import.meta.url)}`, import.meta.url), { workerData: data });
  try {
    return await new Promise<Json>((resolve, reject) => {
      worker.once('message', (answer: { payload: Json } | null) =>
        answer === null
          ? reject(new GatehouseError('EVENT_INVALID', `the data (${data.byteLength} bytes) is no JSON in UTF-8`))
          : resolve(answer.payload),
      );
      worker.once('error', (error) =>
        reject(new GatehouseError('EVENT_INVALID', `the data (${data.byteLength} bytes) cannot be parsed`, { cause: error })),
      );
    });
  } finally {
    await worker.terminate();
  }
}

/** The value at a path of property names, when it is text or a number; null otherwise. */
export function valueAt(payload: Json, path: string): string | null {
  let value: Json | undefined = payload;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return null;
    value = value[name];
  }
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' && value.length <= 1_024 ? value : null;
}

/**
 * The payload as an instance of its class, every rule held and no property beside the declared ones.
 * @throws GatehouseError `code` with the paths and rules that are broken, never the values
 */
export async function instanceOf<T extends object>(type: Class<T>, payload: Json, code: 'EVENT_INVALID' | 'REPLY_INVALID'): Promise<T> {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) throw new GatehouseError(code, `${type.name} is a JSON object`);
  const instance = plainToInstance(type as unknown as ClassConstructor<T>, payload);
  await assertValid(type, instance, code);
  return instance;
}

export async function assertValid(type: Class<object>, instance: object, code: 'EVENT_INVALID' | 'REPLY_INVALID'): Promise<void> {
  const errors = await validate(instance, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true, stopAtFirstError: false });
  if (errors.length > 0) throw new GatehouseError(code, `${type.name}: ${brokenRules(errors).join('; ')}`);
}

function brokenRules(errors: readonly ValidationError[]): string[] {
  const rules: string[] = [];
  const walk = (error: ValidationError, path: string): void => {
    const here = `${path}${error.property}`.replaceAll(/[^\p{L}\p{N}._-]/gu, '?').slice(0, 120);
    for (const name of Object.keys(error.constraints ?? {})) if (rules.length < 20) rules.push(`${here} breaks ${name}`);
    for (const child of error.children ?? []) walk(child, `${path}${error.property}.`);
  };
  for (const error of errors) walk(error, '');
  return rules;
}
