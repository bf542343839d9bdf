import { type GroupNoting } from '../../contract/groups.ts';
import { type Database } from './database.ts';

/** Notes what people know of a group, and who looks after it; nothing to say takes the note away. Others that are past keeping go with it. */
export function noteGroup(db: Database, { group, note, owner, who, forget }: GroupNoting, nowMs: number): void {
  for (const key of forget) db.run('DELETE FROM group_note WHERE grp = ?', key);
  if (note === '' && owner === '') db.run('DELETE FROM group_note WHERE grp = ?', group);
  else db.run('INSERT OR REPLACE INTO group_note VALUES (?, ?, ?, ?, ?)', group, note, owner, who, nowMs);
  db.run(
    'INSERT INTO audit (who, what, subject, why, at) VALUES (?, ?, ?, ?, ?)',
    who,
    'note',
    group,
    owner === '' ? note : `${note} (${owner} looks after it)`.trim(),
    nowMs,
  );
}
