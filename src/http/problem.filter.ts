import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Code, GatehouseError, codes } from '../contract/errors.ts';
import { type Log } from '../contract/log.ts';

const statuses: Partial<Record<Code, number>> = {
  NOT_AN_EVENT: 400,
  EVENT_INVALID: 422,
  EVENT_UNMATCHED: 422,
  EVENT_TOO_LARGE: 413,
  ANSWER_INVALID: 422,
  REPLY_INVALID: 422,
  NOT_POSSIBLE: 409,
  CHANGED: 409,
  NOT_FOUND: 404,
  NOT_ALLOWED: 403,
  BACKLOG_FULL: 503,
  JOURNAL_FULL: 503,
  STOPPING: 503,
  BUS_UNREACHABLE: 503,
  BUS_REFUSED: 503,
  BUS_INCOMPLETE: 503,
  STALE_EPOCH: 503,
};
const retryAfterSeconds = 5;

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Every refusal as problem+json: what, why, what to do. Never a stack, never a payload. @see RFC 9457 */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  catch(thrown: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const { status, problem } = problemOf(thrown);
    if (status === 500) this.#logDefect(thrown, problem.code, host.switchToHttp().getRequest<FastifyRequest>());
    if (status === 503) void reply.header('retry-after', retryAfterSeconds);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply.status(status).type('application/problem+json').send(JSON.stringify(problem));
  }

  /** Where it was thrown, but not its message: that of a parser quotes the body. */
  #logDefect(thrown: unknown, code: string, { method, url }: FastifyRequest): void {
    const at = thrown instanceof Error ? thrown.stack?.match(/^ {4}at .*$/gm)?.map((frame) => frame.trim()) : undefined;
    const path = url.replace(/[?#].*$/s, '').slice(0, 200);
    this.#log(
      'error',
      { code, method, path, error: thrown instanceof Error ? thrown.name : typeof thrown, at },
      'a request met a mistake of the gateway',
    );
  }
}

export function problemOf(thrown: unknown): { status: number; problem: Problem } {
  if (thrown instanceof GatehouseError)
    return { status: statuses[thrown.code] ?? 500, problem: { code: thrown.code, message: thrown.message, remedy: codes[thrown.code].remedy } };
  const status = thrown instanceof HttpException ? thrown.getStatus() : statusOf(thrown);
  if (status === 413)
    return { status, problem: { code: 'EVENT_TOO_LARGE', message: 'the body is larger than allowed', remedy: codes.EVENT_TOO_LARGE.remedy } };
  if (status === 404) return { status, problem: { code: 'NOT_FOUND', message: 'there is nothing at this address', remedy: 'Check the address.' } };
  if (status >= 400 && status < 500 && thrown instanceof Error)
    return { status, problem: { code: 'NOT_POSSIBLE', message: thrown.message, remedy: 'Mend the request.' } };
  return { status: 500, problem: { code: 'DEFECT', message: 'the gateway made a mistake', remedy: 'See its log.' } };
}

function statusOf(thrown: unknown): number {
  return typeof thrown === 'object' && thrown !== null && 'statusCode' in thrown && typeof thrown.statusCode === 'number' ? thrown.statusCode : 500;
}
