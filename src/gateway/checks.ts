import { type CheckLine } from '../contract/control.ts';
import { asGatehouseError } from '../contract/errors.ts';
import { sessionStates } from '../contract/sessions.ts';
import { type Link } from '../contract/transport.ts';
import { type System } from './system.ts';

type About = Pick<CheckLine, 'system' | 'transport'>;

/** One line that all is well, or one for each thing that works and is not as it should be. Never rejects. */
export async function linesOf(about: About, check: () => Promise<readonly string[]>): Promise<readonly CheckLine[]> {
  try {
    const warnings = await check();
    return warnings.length === 0 ? [{ ...about, ok: true, message: 'answers' }] : warnings.map((message) => ({ ...about, ok: false, message }));
  } catch (error) {
    return [failed(about, error)];
  }
}

/** One line for each link of the system, and for each kind of reply that a link watches for. Never rejects. */
export async function checkLinks(system: System): Promise<readonly CheckLine[]> {
  const lines = await Promise.all(
    [...system.links].map(async ([transport, link]) => {
      const about = { system: system.name, transport };
      try {
        await system.check(link);
        return [{ ...about, ok: true, message: sessionsIn(link) }, ...(await checkReplies(system, transport, link))];
      } catch (error) {
        return [failed(about, error)];
      }
    }),
  );
  return lines.flat();
}

function failed(about: About, thrown: unknown): CheckLine {
  const { code, message } = asGatehouseError(thrown);
  return { ...about, ok: false, message: `${code}: ${message}` };
}

/** A kind of reply that failed is looked for again first. */
async function checkReplies(system: System, transport: string, link: Link): Promise<readonly CheckLine[]> {
  await system.withinCallTime(async (signal) => link.lookForReplies?.(signal));
  return (link.replies?.() ?? []).map(({ kind, reason, failingSinceMs }) => ({
    system: system.name,
    transport: `${transport} replies ${kind}`,
    ok: reason === null,
    message: reason === null ? 'are read' : `${reason} (since ${new Date(failingSinceMs ?? 0).toISOString()})`,
  }));
}

/** That a link answers, and what its sessions do: `answers; sessions: 3 idle, 1 lent, 2 calls wait`. */
function sessionsIn(link: Link): string {
  const status = link.sessions?.();
  if (status === undefined) return 'answers';
  const counts = sessionStates.flatMap((state) => {
    const count = status.sessions.filter((session) => session.state === state).length;
    return count === 0 ? [] : [`${count} ${state}`];
  });
  return `answers; sessions: ${[...counts, ...(status.waiting === 0 ? [] : [`${status.waiting} calls wait`])].join(', ')}`;
}
