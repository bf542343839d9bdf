import { type Catalogue } from '../contract/catalogue.ts';
import { type SourceStatus } from '../contract/control.ts';
import { GatehouseError, asGatehouseError } from '../contract/errors.ts';
import { type Claims, type SourceDeclaration, type SourceTransport } from '../contract/source.ts';
import { parkedWhole } from './source-event.ts';
import { SourceLoop, type SourceLoopSurroundings, isUntouched } from './source-loop.ts';
import { type System } from './system.ts';

export interface SourcesSurroundings extends SourceLoopSurroundings {
  readonly catalogue: Catalogue;
  readonly systems: ReadonlyMap<string, System>;
  readonly transports: readonly SourceTransport[];
  readonly name: string;
  /** The settings of a transport for a system. */
  settingsOf(system: string, transport: string): object | undefined;
}

/**
 * What brings events in without an event that asks for it: one loop a source, joined with the rest by the journal. A source yields
 * consignments and their pieces; what they are, and where they come from, only its transport knows.
 */
export class Sources {
  readonly #around: SourcesSurroundings;
  readonly #loops: SourceLoop[] = [];

  constructor(around: SourcesSurroundings) {
    this.#around = around;
  }

  /** @throws GatehouseError CONFIG_INVALID */
  async open(): Promise<void> {
    const { catalogue, systems, transports, settingsOf, clock, log, maxEventBytes, journal, name } = this.#around;
    for (const { system: systemName, declaration } of catalogue.sources()) {
      const system = systems.get(systemName);
      const transport = transports.find((each) => each.name === declaration.transport);
      const settings = settingsOf(systemName, declaration.transport);
      if (system === undefined || transport === undefined || settings === undefined)
        throw new GatehouseError(
          'CONFIG_INVALID',
          `${systemName}: there is no transport '${declaration.transport}' for the source ${declaration.name}`,
        );
      const gateway = `${name}-${journal.instance}`;
      const claims = this.#claims(systemName, declaration);
      const source = await transport.open({ system: systemName, declaration, settings, gateway, claims, clock, maxEventBytes, log });
      this.#loops.push(new SourceLoop(this.#around, system, declaration, source));
    }
  }

  start(): void {
    for (const loop of this.#loops) loop.start();
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#loops.map((loop) => loop.stop()));
  }

  /** Sources of a system look at once. */
  wake(system: string): void {
    for (const loop of this.#loops) if (loop.system.name === system) loop.wake();
  }

  has(system: string, source: string): boolean {
    return this.#loops.some((loop) => loop.system.name === system && loop.declaration.name === source);
  }

  statuses(system: string): readonly SourceStatus[] {
    return this.#loops.filter((loop) => loop.system.name === system).map((loop) => loop.status());
  }

  /** One line a source, or one for each thing that is not as it should be. */
  async check(system: System): Promise<readonly { system: string; transport: string; ok: boolean; message: string }[]> {
    const loops = this.#loops.filter((loop) => loop.system === system);
    const lines = await Promise.all(loops.map((loop) => this.#checked(loop)));
    return lines.flat();
  }

  async #checked({ system, declaration, source }: SourceLoop): Promise<{ system: string; transport: string; ok: boolean; message: string }[]> {
    const line = { system: system.name, transport: `${declaration.transport} ${declaration.name}` };
    const aborter = new AbortController();
    const cancel = this.#around.clock.after(system.settings.callTimeoutMs, () => aborter.abort());
    try {
      const warnings = await source.check(aborter.signal);
      return warnings.length === 0 ? [{ ...line, ok: true, message: 'answers' }] : warnings.map((message) => ({ ...line, ok: false, message }));
    } catch (error) {
      const failure = asGatehouseError(error);
      return [{ ...line, ok: false, message: `${failure.code}: ${failure.message}` }];
    } finally {
      cancel();
    }
  }

  #claims(system: string, declaration: SourceDeclaration): Claims {
    const { journal, clock, log, maxEventBytes } = this.#around;
    const key = { system, source: declaration.name };
    return {
      note: (claim, name) => journal.claim(key, claim, name, clock.wallMs()),
      open: () => journal.consignments(key),
      forget: async (claim) => {
        const record = await journal.consignment(key, claim);
        if (record === null) return;
        const settled = record.state === 'done' || record.state === 'duplicate' || record.state === 'refused';
        if (!settled && !isUntouched(record)) {
          const message = `it is gone from its place after ${record.at} pieces of it became events; when it comes again, the rest follows`;
          const origin = {
            ...key,
            declaration,
            identity: record.identity ?? '',
            name: record.name,
            maxEventBytes,
            keepBodies: true,
            wallMs: () => 0,
          };
          await journal.setAside(
            key,
            claim,
            'refused',
            parkedWhole(origin, `${claim} gone`, 'refused', { code: 'FILE_MISSING', message }),
            clock.wallMs(),
          );
          log('warn', { ...key, consignment: record.name, code: 'FILE_MISSING' }, `${record.name}: ${message}`);
        }
        await journal.putAway(key, claim, clock.wallMs());
      },
    };
  }
}
