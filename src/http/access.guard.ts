import { type CanActivate, type ExecutionContext, HttpException, Injectable, SetMetadata } from '@nestjs/common';
import { type FastifyRequest } from 'fastify';
import { hash, timingSafeEqual } from 'node:crypto';
import { GatehouseError } from '../contract/errors.ts';
import { HttpSettings, type Role } from './http.settings.ts';

const neededRole = 'gatehouse:role';
const ranks: Readonly<Record<Role, number>> = { sender: 0, viewer: 1, operator: 2, admin: 3 };
/** A dry run as the event came is all that a viewer posts. */
const viewerBodyBytes = 65_536;
const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

export interface Caller {
  readonly name: string;
  readonly role: Role;
}

/** The least role a route asks for; without it the route is open to everybody who reaches it. `sender`: not for viewers, who neither act nor see what is masked. */
export const Needs = (role: Role): MethodDecorator => SetMetadata(neededRole, role);

/** @throws GatehouseError CONFIG_INVALID when the door would stand open to the network */
export function checkExposure({ host, tokens }: HttpSettings): void {
  if (tokens.length === 0 && !['localhost', '::1'].includes(host) && !host.startsWith('127.'))
    throw new GatehouseError('CONFIG_INVALID', `http.host is ${host}, which is not loopback: configure http.tokens, or listen on 127.0.0.1`);
}

/** Who may do what: tokens and roles, and no page of another origin or name (rebinding) in a browser on this machine. */
@Injectable()
export class AccessGuard implements CanActivate {
  readonly #access: Access;

  constructor(settings: HttpSettings) {
    this.#access = new Access(settings);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest & { caller?: Caller }>();
    this.#access.checkName(request);
    const role = Reflect.getMetadata(neededRole, context.getHandler()) as Role | undefined;
    if (role === undefined) return true;
    checkSite(request);
    const caller = this.#access.callerOf(request);
    request.caller = caller;
    const allowed = role === 'sender' ? caller.role !== 'viewer' : caller.role !== 'sender' && ranks[caller.role] >= ranks[role];
    if (!allowed) throw new GatehouseError('NOT_ALLOWED', `${caller.name} is ${caller.role}; this needs ${role}`);
    return true;
  }
}

/** Who asks, by the head of a request alone. */
export class Access {
  readonly #settings: HttpSettings;
  readonly #tokens: readonly { digest: Buffer; caller: Caller }[];

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#tokens = settings.tokens.map(({ name, role, token }) => ({ digest: digestOf(token.reveal()), caller: { name, role } }));
  }

  /**
   * Before the first byte of a body is taken: strangers do not fill the memory of the gateway, nor do those who only look.
   * @throws GatehouseError NOT_ALLOWED, EVENT_TOO_LARGE; HttpException 401
   */
  checkBody(request: FastifyRequest): void {
    const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
    if (encoding === undefined && Number(length ?? 0) === 0) return;
    this.checkName(request);
    const { name, role } = this.callerOf(request);
    if (role === 'viewer' && (encoding !== undefined || Number(length) > viewerBodyBytes))
      throw new GatehouseError('EVENT_TOO_LARGE', `${name} is viewer, and sends ${viewerBodyBytes} bytes at most, with their length beforehand`);
  }

  /** @throws GatehouseError NOT_ALLOWED */
  checkName(request: FastifyRequest): void {
    const host = request.headers.host ?? '';
    const own = this.#settings.tokens.length > 0 || loopback.test(host) || this.#settings.allowedHosts.includes(host.replace(/:\d+$/, ''));
    if (!own) throw new GatehouseError('NOT_ALLOWED', 'the Host header names another host; see http.allowedHosts');
    const { origin } = request.headers;
    if (request.method !== 'GET' && origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
      throw new GatehouseError('NOT_ALLOWED', 'a page of another origin may not do this');
  }

  /** @throws HttpException 401 */
  callerOf(request: FastifyRequest): Caller {
    if (this.#tokens.length === 0) return { name: 'local', role: 'admin' };
    const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (given === undefined) throw new HttpException('a token is needed: Authorization: Bearer …', 401);
    const digest = digestOf(given);
    const found = this.#tokens.find((token) => timingSafeEqual(token.digest, digest));
    if (found === undefined) throw new HttpException('the token is not known', 401);
    return found.caller;
  }
}

/** Equal lengths, so that the comparison takes the same time for every token. */
function digestOf(token: string): Buffer {
  return Buffer.from(hash('sha256', token, 'hex'));
}

/**
 * A page elsewhere cannot read an answer, but its images and frames could ask in the name of whoever works on this machine: a reveal would
 * be on record that nobody asked for. Programs send no such header.
 * @see https://www.w3.org/TR/fetch-metadata/
 */
function checkSite({ headers }: FastifyRequest): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    throw new GatehouseError('NOT_ALLOWED', 'a page of another origin may not ask this');
}
