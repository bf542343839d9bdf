import { describe, expect, it } from 'vitest';
import { readAnyRequest } from './large-request.ts';

const structured = { 'content-type': 'application/cloudevents+json' };
const text = (data: string): Buffer => Buffer.from(`{"specversion":"1.0","id":"1","source":"/s","type":"t","data":${data}}`);

describe('rule 6: large requests', () => {
  it('are read off the thread, with the same result and the same refusals as small ones', async () => {
    for (const length of [10, 1_500_000]) {
      const data = JSON.stringify({ x: 'y'.repeat(length) });
      const [event] = await readAnyRequest(structured, text(data));
      expect(event?.attributes.id).toBe('1');
      expect(Buffer.from(event?.data ?? []).toString()).toBe(data);
      await expect(readAnyRequest(structured, text(`${data}]`))).rejects.toMatchObject({
        code: 'NOT_AN_EVENT',
        message: expect.stringContaining('no JSON'),
      });
    }
  });
});
