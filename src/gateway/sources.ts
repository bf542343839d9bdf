import { type Catalogue } from '../contract/catalogue.ts';
import { type ConsignmentTrace, type SourceKey } from '../contract/consignment.ts';
import { type CheckLine, type SourceStatus } from '../contract/control.ts';
import { GatehouseError } from '../contract/errors.ts';
import { type Json } from '../contract/json.ts';
import { type Claims, type RecordedPiece, type SourceDeclaration, type SourceTransport, type Whereabouts } from '../contract/source.ts';
import { linesOf } from './checks.ts';
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

/** The sources of one system over one transport. */
interface Declared {
  readonly systemName: string;
  readonly transport: SourceTransport;
  readonly settings: object;
  readonly declarations: readonly SourceDeclaration[];
}

/**
 * What brings events in without an event that asks for it: one loop a source, joined with the rest by the journal. A source yields
 * consignments and their pieces; what they are, and where they come from, only its transport knows.
 */
export class Sources {
  readonly #around: SourcesSurroundings;
  readonly #loops: SourceLoop[] = [];
  readonly #leftOut: { readonly system: string; readonly declaration: SourceDeclaration }[] = [];

  constructor(around: SourcesSurroundings) {
    this.#around = around;
  }

  /** Opens what the configuration names, and says what it leaves out. @throws GatehouseError CONFIG_INVALID */
  async open(): Promise<void> {
    const { systems, clock, log, maxEventBytes, journal, name } = this.#around;
    for (const { systemName, transport, settings, declarations } of this.#declared()) {
      const system = systems.get(systemName);
      if (system === undefined) throw new GatehouseError('CONFIG_INVALID', `${systemName} has sources but no configuration`);
      const named = namedOf(systemName, transport, settings, declarations);
      const gateway = `${name}-${journal.instance}`;
      for (const declaration of declarations)
        if (named.has(declaration.name)) {
          const claims = this.#claims(systemName, declaration);
          const source = await transport.open({ system: systemName, declaration, settings, gateway, claims, clock, maxEventBytes, log });
          this.#loops.push(new SourceLoop(this.#around, system, declaration, source));
        } else {
          this.#leftOut.push({ system: systemName, declaration });
          log(
            'info',
            { system: systemName, source: declaration.name },
            `${systemName}: the source ${declaration.name} is left out: ${notNamed(declaration)}`,
          );
        }
    }
  }

  /** What the adapters declare, by system and transport. @throws GatehouseError CONFIG_INVALID */
  #declared(): readonly Declared[] {
    const { catalogue, transports, settingsOf } = this.#around;
    const declared = new Map<string, Declared & { readonly declarations: SourceDeclaration[] }>();
    for (const { system: systemName, declaration } of catalogue.sources()) {
      const key = `${systemName} ${declaration.transport}`;
      const before = declared.get(key);
      if (before !== undefined) {
        before.declarations.push(declaration);
        continue;
      }
      const transport = transports.find((each) => each.name === declaration.transport);
      const settings = settingsOf(systemName, declaration.transport);
      if (transport === undefined || settings === undefined)
        throw new GatehouseError(
          'CONFIG_INVALID',
          `${systemName}: there is no transport '${declaration.transport}' for the source ${declaration.name}`,
        );
      declared.set(key, { systemName, transport, settings, declarations: [declaration] });
    }
    return [...declared.values()];
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
    return this.#loop(system, source) !== undefined;
  }

  /** Null when the source is not there to say it. */
  whereabouts({ system, source }: SourceKey, consignment: ConsignmentTrace): Whereabouts | null {
    return this.#loop(system, source)?.source.whereabouts?.(consignment) ?? null;
  }

  inspect({ system, source }: SourceKey, piece: RecordedPiece): { readonly transport: string | null; readonly inspection: Json | null } {
    return this.#loop(system, source)?.source.inspect?.(piece) ?? { transport: null, inspection: null };
  }

  #loop(system: string, source: string): SourceLoop | undefined {
    return this.#loops.find((loop) => loop.system.name === system && loop.declaration.name === source);
  }

  statuses(system: string): readonly SourceStatus[] {
    const leftOut = this.#leftOut.filter((each) => each.system === system).map(({ declaration }) => statusLeftOut(declaration));
    return [...this.#loops.filter((loop) => loop.system.name === system).map((loop) => loop.status()), ...leftOut];
  }

  /** One line a source, or one for each thing that is not as it should be. */
  async check(system: System): Promise<readonly CheckLine[]> {
    const loops = this.#loops.filter((loop) => loop.system === system);
    const lines = await Promise.all(
      loops.map(({ declaration, source }) =>
        linesOf({ system: system.name, transport: `${declaration.transport} ${declaration.name}` }, () =>
          system.withinCallTime((signal) => source.check(signal)),
        ),
      ),
    );
    const leftOut = this.#leftOut
      .filter((each) => each.system === system.name)
      .map(({ declaration }) => ({
        system: system.name,
        transport: `${declaration.transport} ${declaration.name}`,
        ok: true,
        message: `left out: ${notNamed(declaration)}`,
      }));
    return [...lines.flat(), ...leftOut];
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

/** @throws GatehouseError CONFIG_INVALID when a name is twice, or that of no source */
function namedOf(system: string, transport: SourceTransport, settings: object, declarations: readonly SourceDeclaration[]): ReadonlySet<string> {
  const known = declarations.map(({ name }) => name);
  const named = new Set<string>();
  for (const name of transport.named(settings)) {
    const path = `systems.${system}.${transport.name}`;
    if (!known.includes(name))
      throw new GatehouseError('CONFIG_INVALID', `${path}: ${system} has no source '${name.slice(0, 64)}'; there are ${known.join(', ')}`);
    if (named.has(name)) throw new GatehouseError('CONFIG_INVALID', `${path}: the source '${name}' is there twice`);
    named.add(name);
  }
  return named;
}

const notNamed = ({ transport }: SourceDeclaration): string => `the configuration does not name it under ${transport}`;

const statusLeftOut = (declaration: SourceDeclaration): SourceStatus => ({
  source: declaration.name,
  about: '',
  state: 'left out',
  reason: notNamed(declaration),
  last: null,
  lastMs: null,
  consignments: 0,
  events: 0,
  parked: 0,
  duplicates: 0,
  lagMs: 0,
});
