import { describe, expect, it } from 'vitest';
import { childTraceparent, traceContextOf } from './trace-context.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const parentId = '00f067aa0ba902b7';

describe('trace context', () => {
  it('the trace goes on under a span of the translation; a broken one starts anew', () => {
    expect(childTraceparent(`00-${traceId}-${parentId}-00`, 'x')).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-00$/);
    for (const broken of [
      undefined,
      '',
      'rubbish',
      `00-${'0'.repeat(32)}-${parentId}-01`,
      `00-${traceId}-${'0'.repeat(16)}-01`,
      `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    ]) {
      expect(childTraceparent(broken, 'x')).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
      expect(childTraceparent(broken, 'x')).not.toContain(traceId);
      expect(childTraceparent(broken, 'x', false)).toMatch(/-00$/);
    }
  });

  it('its ids depend on event and translation alone: after a crash they are the same', () => {
    const traceparent = `00-${traceId}-${parentId}-01`;
    expect(traceContextOf(traceparent, 'x')).toEqual({ traceId, parentId, flags: '01', spanId: childTraceparent(traceparent, 'x').split('-')[2] });
    expect(traceContextOf(traceparent, 'x')).toEqual(traceContextOf(traceparent, 'x'));
    expect(traceContextOf(traceparent, 'y').spanId).not.toBe(traceContextOf(traceparent, 'x').spanId);
    expect(traceContextOf(undefined, 'y').traceId).not.toBe(traceContextOf(undefined, 'x').traceId);
  });
});
