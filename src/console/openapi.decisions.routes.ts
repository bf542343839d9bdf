import { codes } from '../contract/errors.ts';
import { groupings } from '../contract/groups.ts';
import { after, before, decided, idempotency, keyHeader, limit, native, page, resume } from './openapi.parameters.ts';
import { type Route, json, stream } from './openapi.route.ts';
import { type Shape, anything, list, named, object, oneOf, orNull, ref, text, whole } from './openapi.shapes.ts';

export const attention: readonly Route[] = [
  {
    method: 'get',
    path: '/api/groups',
    tag: 'decisions',
    role: 'viewer',
    summary: 'What needs a person, by what it has in common.',
    query: [{ name: 'by', about: `One or more of ${groupings.join(', ')}, with commas between them; code, system and operation otherwise.` }],
    answer: json(ref('Groups')),
    refuses: [409],
  },
  {
    method: 'put',
    path: '/api/groups/note',
    tag: 'decisions',
    role: 'operator',
    summary: 'Notes something of a group and who looks after it; refused when another note was written since the one that was seen.',
    headers: [keyHeader],
    body: json(object({ by: ref('GroupValues'), version: orNull(whole()) }, { note: text(), owner: text(), ...idempotency })),
    answer: json(object({ note: orNull(ref('GroupNote')) })),
    refuses: [409, 503],
  },
  {
    method: 'get',
    path: '/api/codes',
    tag: 'decisions',
    role: 'viewer',
    summary: 'Every failure code, what it means and what to do.',
    answer: json(
      object(
        Object.fromEntries(
          Object.keys(codes).map((code) => [
            code,
            object({ class: oneOf(...new Set(Object.values(codes).map((each) => each.class))), means: text(), remedy: text() }),
          ]),
        ),
      ),
    ),
  },
  {
    method: 'get',
    path: '/api/operations/{system}/{operation}/refusals',
    tag: 'decisions',
    role: 'viewer',
    summary: 'Replies that may be published when a translation of it is given up, each with a draft.',
    answer: json(object({ refusals: list(object({ type: text(), data: named(anything) })) })),
    refuses: [404],
  },
  {
    method: 'post',
    path: '/api/operations/{system}/{operation}/dry-run',
    tag: 'dry runs',
    role: 'operator',
    summary: 'What it would do with an event that somebody makes up; nothing is sent.',
    query: [native],
    body: json(object({ data: anything }, { answers: named(anything) })),
    answer: json(ref('DryRun')),
    refuses: [404, 409, 422],
  },
];

const selection = {
  filter: { type: 'object', description: 'As the query of a search; `states` a list.' } satisfies Shape,
  ids: list(text()),
  group: ref('GroupValues'),
};

export const bulks: readonly Route[] = [
  {
    method: 'post',
    path: '/api/bulks/selection',
    tag: 'bulk actions',
    role: 'operator',
    summary: 'How many translations a selection holds now.',
    body: json(object({}, selection)),
    answer: json(object({ count: whole(), groups: list(object({ system: text(), operation: text(), count: whole() })) })),
    refuses: [409],
  },
  {
    method: 'post',
    path: '/api/bulks',
    tag: 'bulk actions',
    role: 'operator',
    summary: 'Freezes a selection and does the same to each of it.',
    headers: [keyHeader],
    body: json(object({ act: ref('Act'), ...decided }, { ...selection, rate: { type: 'number' }, expected: whole(), ...idempotency })),
    status: 201,
    statusAbout: 'Frozen, and under way.',
    answer: json(ref('Bulk')),
    refuses: [409, 422, 503],
  },
  {
    method: 'get',
    path: '/api/bulks',
    tag: 'bulk actions',
    role: 'viewer',
    summary: 'Bulk actions, the newest first.',
    query: [before, limit],
    answer: json(page(ref('Bulk'))),
    refuses: [409],
  },
  {
    method: 'get',
    path: '/api/bulks/changes',
    tag: 'bulk actions',
    role: 'viewer',
    summary: 'Bulk actions as they go on.',
    query: [after],
    headers: [resume],
    answer: stream,
  },
  {
    method: 'get',
    path: '/api/bulks/{seq}',
    tag: 'bulk actions',
    role: 'viewer',
    summary: 'One bulk action, with the first of its translations that failed or were skipped.',
    answer: json(ref('BulkStory')),
    refuses: [404, 409],
  },
  {
    method: 'get',
    path: '/api/bulks/{seq}/items',
    tag: 'bulk actions',
    role: 'viewer',
    summary: 'Its translations in order.',
    query: [{ name: 'state', about: 'Only those.', shape: oneOf('open', 'done', 'failed', 'skipped') }, after, limit],
    answer: json(page(ref('BulkItem'))),
    refuses: [404, 409],
  },
  {
    method: 'post',
    path: '/api/bulks/{seq}/{turn}',
    tag: 'bulk actions',
    role: 'operator',
    summary: 'Turns it: `stop`, `resume`, or `rate` to change how many a second.',
    headers: [keyHeader],
    body: json(object({ ...decided }, { rate: { type: 'number' }, ...idempotency })),
    answer: json(ref('Bulk')),
    refuses: [404, 409, 503],
  },
];
