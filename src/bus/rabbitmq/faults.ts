import { GatehouseError } from '../../contract/errors.ts';

/** The reply code of AMQP, when RabbitMQ closed something because of it. @see AMQP 0-9-1, section 1.2 (constants) */
export const replyCodeOf = (thrown: unknown): number | undefined =>
  typeof thrown === 'object' && thrown !== null && 'code' in thrown && typeof thrown.code === 'number' ? thrown.code : undefined;

const accessRefused = 403;
const notFound = 404;
const preconditionFailed = 406;
const notAllowed = 530;

const tlsCodes = /^(?:ERR_TLS|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_SSL)/;

/** What amqplib or the socket threw, classified once. */
export function busFailure(thrown: unknown, doing: string): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  const said = sayingOf(thrown);
  const code = replyCodeOf(thrown);
  const native = code === undefined ? errnoOf(thrown) : String(code);
  const name = { cause: thrown, native };
  if (code === accessRefused || code === notAllowed || /ACCESS.REFUSED|NOT.ALLOWED|\b403\b|\b530\b/.test(said))
    return new GatehouseError('BUS_REFUSED', `RabbitMQ: ${doing} was refused: ${said}`, name);
  if (code === notFound || code === preconditionFailed) return new GatehouseError('BUS_INCOMPLETE', `RabbitMQ: ${doing} failed: ${said}`, name);
  if (native !== undefined && tlsCodes.test(native)) return new GatehouseError('BUS_REFUSED', `RabbitMQ: ${doing} failed: TLS: ${said}`, name);
  return new GatehouseError('BUS_UNREACHABLE', `RabbitMQ: ${doing} failed: ${said}`, name);
}

function sayingOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return sayingOf(thrown.errors.at(-1));
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  // amqplib: Operation failed: QueueBind; 404 (NOT-FOUND) with message "NOT_FOUND - no exchange 'x' in vhost '/'"
  const said = /with message "(.*)"$/s.exec(text)?.[1] ?? text;
  return said.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 400);
}

function errnoOf(thrown: unknown): string | undefined {
  const inner: unknown = thrown instanceof AggregateError ? thrown.errors.at(-1) : thrown;
  return typeof inner === 'object' && inner !== null && 'code' in inner && typeof inner.code === 'string' ? inner.code : undefined;
}
