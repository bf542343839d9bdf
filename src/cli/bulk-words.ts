import pc from 'picocolors';
import { type BulkItemRow, type BulkRow } from '../contract/bulk.ts';
import { type BulkSelectionView, type BulkView } from '../console/bulk.view.ts';
import { safeText } from './safe-text.ts';

const colours: Readonly<Record<BulkRow['state'], (text: string) => string>> = {
  freezing: pc.cyan,
  running: pc.blue,
  stopped: pc.yellow,
  done: pc.green,
};

const counted = (n: number): string => n.toLocaleString('en-US');

/** `2 min`, `40 s`. */
function spell(ms: number): string {
  if (ms < 90_000) return `${Math.ceil(ms / 1_000)} s`;
  if (ms < 90 * 60_000) return `${Math.ceil(ms / 60_000)} min`;
  return `${Math.ceil(ms / 3_600_000)} h`;
}

/** `1,204 of 10,000, 3 failed, 1 skipped; 50 a second, 3 min left`. */
export function progressWords({ state, total, done, failed, skipped, perSecond, perSecondNow, leftMs, behind, note }: BulkView): string {
  const ended = done + failed + skipped;
  const counts = [
    state === 'done' ? `${counted(done)} of ${counted(total)} done` : `${counted(ended)} of ${counted(total)}`,
    ...(failed === 0 ? [] : [`${counted(failed)} failed`]),
    ...(skipped === 0 ? [] : [`${counted(skipped)} skipped`]),
  ].join(', ');
  if (note !== null) return `nothing was done: ${safeText(note)}`;
  if (state !== 'running') return counts;
  if (behind !== null) return `${counts}; waits for bulk ${behind}`;
  const limit = perSecond === 0 ? 'no limit' : `at most ${perSecond}`;
  const pace = `${perSecondNow < 10 ? perSecondNow.toFixed(1) : Math.round(perSecondNow)} a second (${limit})`;
  return `${counts}; ${pace}${leftMs === null ? '' : `, ${spell(leftMs)} left`}`;
}

/** One line of a list. */
export function bulkLine(bulk: BulkView): string {
  const { seq, act, state, who, why, startedMs } = bulk;
  const when = new Date(startedMs).toISOString().slice(0, 19);
  return `${String(seq).padStart(5)}  ${when}  ${colours[state](state.padEnd(8))} ${act.kind.padEnd(8)} ${progressWords(bulk)}  ${safeText(who)}: ${safeText(why)}`;
}

/** What a selection holds, before anybody agrees to it. */
export function selectionLines({ count, groups }: BulkSelectionView): string[] {
  return [
    `${counted(count)} translations`,
    ...groups.map(
      (group) =>
        `  ${counted(group.count).padStart(9)}  ${safeText(`${group.system} ${group.operation === '' ? '(no operation)' : group.operation}`)}`,
    ),
  ];
}

/** One that was not done, and why. */
export function troubleLine({ place, translationId, system, operation, state, failure }: BulkItemRow): string {
  const name = translationId === null ? 'gone' : `${translationId.slice(0, 12)}  ${system} ${operation}`;
  return safeText(`${String(place).padStart(6)}  ${state.padEnd(7)}  ${name}  ${failure === null ? '' : `${failure.code}: ${failure.message}`}`);
}
