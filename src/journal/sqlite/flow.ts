import type { EventAttributes } from '../../contract/event.ts';
import type { Flow, FlowEdge, FlowEvent } from '../../contract/flow.ts';
import type { Database } from './database.ts';
import { type FullRecord, translationRow } from './translation-row.ts';

const maxTranslations = 500;
const maxReplies = 2_000;

interface Reply {
  readonly translation: number;
  readonly state: FlowEvent['state'];
  readonly routed: number | null;
  readonly readable: number;
  readonly published: number | null;
  readonly attributes: string;
}

/** Of an `outbox o`: whether the log of the embedded bus has its event. */
export const inLog = 'EXISTS (SELECT 1 FROM spool_log l INDEXED BY spool_log_event WHERE l.event = o.event)';

const nodeOf = (source: string, id: string): string => `${source} ${id}`;

/** The cascade of a correlation id: a reply and the event of the translation that took it are one node, as source and id say. */
export function flow(db: Database, correlation: string): Flow | null {
  const found = db.all<FullRecord>(
    'SELECT * FROM translation INDEXED BY translation_correlation WHERE correlation = ? ORDER BY seq LIMIT ?',
    correlation,
    maxTranslations + 1,
  );
  if (found.length === 0) return null;
  const rows = found.slice(0, maxTranslations);
  const ids = new Map(rows.map(({ seq, id }) => [seq, id]));
  const replies = db.all<Reply>(
    `SELECT o.translation, o.state, o.routed, ${inLog} AS readable, o.published, e.attributes FROM outbox o INDEXED BY outbox_translation CROSS JOIN event e ON e.seq = o.event
      WHERE o.translation IS NOT NULL AND o.translation IN (SELECT value FROM json_each(?)) ORDER BY o.seq LIMIT ?`,
    JSON.stringify([...ids.keys()]),
    maxReplies + 1,
  );
  const events = new Map<string, FlowEvent>();
  const edges: FlowEdge[] = [];
  for (const { translation, state, routed, readable, published, attributes } of replies.slice(0, maxReplies)) {
    const { id, source, type } = JSON.parse(attributes) as EventAttributes;
    const node = nodeOf(source, id);
    const reach = { routed: routed === null ? null : routed === 1, readable: readable === 1 };
    events.set(node, { node, id, source, type, state, ...reach, publishedMs: published });
    edges.push({ from: ids.get(translation) ?? '', to: node, kind: 'publishes' });
  }
  const known = new Set(ids.values());
  for (const { id, event_id, source, type, replay_of } of rows) {
    const node = nodeOf(source, event_id);
    if (!events.has(node)) events.set(node, { node, id: event_id, source, type, state: null, routed: null, readable: false, publishedMs: null });
    if (replay_of !== null && known.has(replay_of)) edges.push({ from: replay_of, to: id, kind: 'is replayed as' });
    else edges.push({ from: node, to: id, kind: 'starts' });
  }
  return {
    correlation,
    translations: rows.map((row) => translationRow(db, row)),
    events: [...events.values()],
    edges,
    more: found.length > maxTranslations || replies.length > maxReplies,
  };
}
