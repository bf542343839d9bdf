import { type Arrival, type Journal } from '../../src/contract/journal.ts';
import { type Code } from '../../src/contract/errors.ts';
import { type Json } from '../../src/contract/json.ts';
import { translationId } from '../../src/contract/translation-id.ts';

export interface Parked {
  readonly ref: string;
  readonly code?: Code;
  /** Empty for one that no operation takes. */
  readonly operation?: string;
  readonly key?: string;
  /** The depot's when not given. */
  readonly type?: string;
  readonly data?: Json;
}

const source = '/test';

export const parkedId = (ref: string, operation = 'ask', system = 'depot'): string => translationId(system, operation, source, ref);

/** Translations that are parked, without the runs that would have led there. The same again changes nothing. */
export async function park(journal: Journal, parked: readonly Parked[], system = 'depot'): Promise<void> {
  const arrivals = parked.map(({ ref, code = 'DEFECT', operation = 'ask', key, type = 'test.asked.v1', data: payload = { ref } }): Arrival => {
    const data = Buffer.from(JSON.stringify(payload));
    const wanted = { id: parkedId(ref, operation, system), system, operation, key: key ?? null, businessKey: ref, passWhenParked: false };
    return {
      event: { attributes: { specversion: '1.0', id: ref, source, type, datacontenttype: 'application/json' }, data },
      size: data.byteLength,
      digest: ref,
      correlation: ref,
      hops: 0,
      translations: [{ ...wanted, keepBodies: true, begin: false, park: { code, message: 'parked by the test' } }],
    };
  });
  for (let from = 0; from < arrivals.length; from += 1_000)
    await journal.receive(arrivals.slice(from, from + 1_000), { nowMs: Date.now(), build: 'test' });
}
