import pc from 'picocolors';
import { type BodyView } from '../console/body.view.ts';
import { type Edit, diffLines } from '../console/diff.ts';
import { type DryCallView, type DryRunView } from '../console/dry-run.view.ts';
import { safeText } from './safe-text.ts';
import { hexDump } from './story-words.ts';
import { failurePhrase } from './words.ts';

/** Unchanged lines that are shown around a change. */
const context = 2;
const mostHexBytes = 1_000_000;

/** A dry run in plain words: what would be sent and replied, and how it differs from what was. */
export function dryRunWords(dry: DryRunView): string {
  const { system, operation, translationId, edited, calls, replies, notes } = dry;
  const of = translationId === null ? 'an event that was made up' : `${translationId}, ${edited ? 'its event edited' : 'its event as it came'}`;
  const lines = [`${pc.bold(`${system} ${operation}`)}  dry run of ${of}: nothing was sent`];
  for (const call of calls) lines.push('', ...callLines(call));
  for (const { type, data, recorded, same } of replies)
    lines.push('', `${pc.bold('reply')}  ${safeText(type)}${comparison(same)}`, ...(same === true ? [] : changes(recorded?.data ?? null, data)));
  lines.push('', endWords(dry));
  return [...lines, ...notes.map((note) => pc.dim(note))].join('\n');
}

function callLines({ name, effect, failure, answeredBy, recorded, parts }: DryCallView): string[] {
  const answer = {
    recorded: 'answered as it was then',
    assumed: 'other arguments; the answer of then is assumed',
    given: 'answered as given',
  };
  const how = answeredBy === null ? (failure === null ? 'has no answer' : `would not be sent  ${failurePhrase(failure)}`) : answer[answeredBy];
  const missing = recorded === null ? ', not asked for then' : '';
  return [
    `${pc.bold(name)} (${effect})  ${how}${missing}`,
    ...parts.flatMap(({ kind, media, body, recorded: before, same }) => [
      `    ${kind === 'sent' ? 'would send' : kind}  ${safeText(media)}, ${body.size} bytes${comparison(same)}`,
      ...(same === true ? [] : changes(before, body)),
    ]),
  ];
}

const comparison = (same: boolean | null): string => (same === null ? '' : same ? pc.green('  the same as then') : pc.yellow('  differs'));

function endWords({ end }: DryRunView): string {
  switch (end.end) {
    case 'replied':
      return `${pc.green('would reply')}`;
    case 'needs answer':
      return `${pc.yellow('needs an answer')} of ${end.calls.join(', ')}: give it with --answers, as JSON by the name of the call`;
    case 'parked':
      return `${pc.red('would be parked')}  ${failurePhrase(end.failure)}`;
    case 'waits':
      return `${pc.yellow('would wait')}  ${failurePhrase(end.failure)}`;
  }
}

/** A new body, or what is different in it: XML and JSON are broken into lines first. */
function changes(before: BodyView | null, now: BodyView): string[] {
  const old = before === null ? null : shown(before);
  if (old === null) return marked([{ kind: 'same', text: shown(now) ?? '', lines: 0 }], false);
  return marked(diffLines(old, shown(now) ?? ''), true);
}

function shown({ text, base64 }: BodyView): string | null {
  if (base64 !== undefined) return `${hexDump(Buffer.from(base64, 'base64'), mostHexBytes)}\n`;
  if (text === undefined) return null;
  if (/^\s*[[{]/.test(text))
    try {
      return `${JSON.stringify(JSON.parse(text), null, 2)}\n`;
    } catch {
      // No JSON after all: shown as it is.
    }
  return `${text.replaceAll(/>(?=<)/g, '>\n').replace(/\n$/, '')}\n`;
}

function marked(edits: readonly Edit[], brief: boolean): string[] {
  return edits.flatMap(({ kind, text }, n) => {
    const lines = safeText(text.replace(/\n$/, ''), true).split('\n');
    if (kind === 'removed') return lines.map((line) => pc.red(`      - ${line}`));
    if (kind === 'added') return lines.map((line) => pc.green(`      + ${line}`));
    if (!brief || lines.length <= 2 * context + 1) return lines.map((line) => `        ${line}`);
    const head = n === 0 ? [] : lines.slice(0, context);
    const tail = n === edits.length - 1 ? [] : lines.slice(-context);
    const left = lines.length - head.length - tail.length;
    return [...head.map((line) => `        ${line}`), pc.dim(`        … ${left} equal lines`), ...tail.map((line) => `        ${line}`)];
  });
}
