import { describe, expect, it } from 'vitest';
import { blankOf, fieldsOf } from './schema.ts';

const part = {
  type: 'object',
  required: ['weight'],
  properties: { weight: { type: 'string', pattern: '^\\d+$' }, inside: { $ref: '#/$defs/Part' } },
};
const schema = {
  type: 'object',
  required: ['id', 'parts'],
  properties: {
    id: { type: 'string', minLength: 1, maxLength: 8, 'x-sensitive': true },
    urgency: { type: 'string', enum: ['low', 'high'] },
    count: { type: 'integer', minimum: 1, maximum: 9 },
    parts: { type: 'array', minItems: 1, items: { $ref: '#/$defs/Part' } },
    tags: { type: 'array', items: { type: 'string', maxLength: 3 } },
  },
  $defs: { Part: part },
};

describe('a schema as people read it', () => {
  it('every property is a row with what may stand there, however deep; one that nests itself comes to an end', () => {
    const fields = fieldsOf(schema);
    expect(fields.slice(0, 5)).toEqual([
      { path: 'id', required: true, sensitive: true, words: 'text, 1 to 8 characters' },
      { path: 'urgency', required: false, sensitive: false, words: 'one of "low", "high"' },
      { path: 'count', required: false, sensitive: false, words: 'whole number, 1 to 9' },
      { path: 'parts', required: true, sensitive: false, words: 'list, at least 1 items of objects' },
      { path: 'parts[].weight', required: true, sensitive: false, words: 'text, like ^\\d+$' },
    ]);
    expect(fields.at(-1)).toEqual({ path: 'tags', required: false, sensitive: false, words: 'list of text, at most 3 characters' });
    expect(fields.length).toBeLessThan(20);
  });

  it('something to begin with has what must be there, and nothing else', () => {
    expect(blankOf(schema, schema)).toEqual({ id: '', parts: [] });
    expect(blankOf({ $ref: '#/$defs/Part' }, schema)).toEqual({ weight: '' });
  });
});
