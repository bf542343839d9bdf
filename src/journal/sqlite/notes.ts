import { GatehouseError } from '../../contract/errors.ts';
import type { GroupNote, GroupNoting } from '../../contract/groups.ts';
import { record } from './audit.ts';
import type { BodyCodec } from './bodies.ts';
import type { Database } from './database.ts';
import { seal, unseal } from './sealed-text.ts';

export function noteOf(db: Database, codec: BodyCodec, group: string): GroupNote | null {
  const row = db.get<GroupNote>('SELECT note, owner, who, at AS atMs, version FROM group_note WHERE grp = ?', group);
  return row === undefined ? null : { ...row, note: unseal(codec, row.note), owner: unseal(codec, row.owner) };
}

/**
 * Notes what people know of a group, and who looks after it; nothing to say takes the note away. Others that are past keeping go with it. Of two
 * who write at once, from what they both saw, the second is refused.
 */
export function noteGroup(db: Database, codec: BodyCodec, noting: GroupNoting, nowMs: number): GroupNote | null {
  const { group, note, owner, who, key, version, forget } = noting;
  const before = noteOf(db, codec, group);
  const repeated = db.get('SELECT 1 FROM group_note WHERE grp = ? AND key = ?', group, key) !== undefined;
  if (repeated || ((before?.note ?? '') === note && (before?.owner ?? '') === owner)) return before;
  if ((before?.version ?? null) !== version) throw changed(before);
  for (const past of forget) db.run('DELETE FROM group_note WHERE grp = ?', past);
  const why = owner === '' ? note : `${note} (${owner} looks after it)`.trim();
  const now = record(db, codec, { who, what: 'note', subject: group, why, atMs: nowMs });
  if (note === '' && owner === '') db.run('DELETE FROM group_note WHERE grp = ?', group);
  else
    db.run(
      'INSERT OR REPLACE INTO group_note (grp, note, owner, who, at, version, key) VALUES (?, ?, ?, ?, ?, ?, ?)',
      group,
      seal(codec, note),
      seal(codec, owner),
      who,
      nowMs,
      now,
      key,
    );
  return noteOf(db, codec, group);
}

const changed = (now: GroupNote | null): GatehouseError =>
  new GatehouseError(
    'CHANGED',
    now === null
      ? 'somebody took the note of this group away meanwhile: look again'
      : `${now.who} wrote another note on this group meanwhile (version ${now.version}): read both, and save yours over it or leave theirs`,
  );
