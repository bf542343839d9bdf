import { type Clock } from '../../contract/clock.ts';
import { GatehouseError } from '../../contract/errors.ts';
import { type Secret } from '../../contract/secret.ts';
import { type Step } from './dialogs/dialog.ts';
import { lost } from './dialogs/lost.ts';
import { type LogIn } from './dialogs/log-in.ts';
import { ruleFor } from './dialogs/rule.ts';
import { type Arrival, Walk } from './dialogs/walk.ts';
import { type Key } from './keys.ts';
import { type Atlas } from './maps/atlas.ts';
import { type ScreenMap } from './maps/screen-map.ts';
import { type Landmarks } from './pool/landmarks.ts';
import { type Screen } from './screen/screen.ts';
import { type TerminalSession } from './terminal.driver.ts';
import { type Condition } from './wait.ts';

export interface MapLandmarksParts {
  readonly system: string;
  readonly atlas: Atlas;
  readonly home: ScreenMap;
  readonly logIn: LogIn | undefined;
  readonly logOff: Step | undefined;
  /** Keys that do no harm on any screen of this host. */
  readonly escape: readonly Key[];
  readonly clock: Clock;
  readonly keyboard: 'vt' | '3270';
  readonly screenTimeoutMs: number;
  readonly echoTimeoutMs: number;
}

/** Screens from which no way home was found after so many keys have no way home. */
const mostKeysHome = 30;

/** What the session pool knows of a host, read from its screen maps. */
export class MapLandmarks implements Landmarks {
  readonly #parts: MapLandmarksParts;

  constructor(parts: MapLandmarksParts) {
    this.#parts = parts;
  }

  place(screen: Screen): ReturnType<Landmarks['place']> {
    const recognised = this.#parts.atlas.recognise(screen);
    if (recognised.is !== 'one') return { kind: 'unknown', map: null };
    const { kind = 'normal', name } = recognised.map;
    return { kind: kind === 'normal' ? 'known' : kind, map: name };
  }

  arrivals(): readonly Condition[] {
    return this.#parts.atlas.arrivals();
  }

  async logIn(session: TerminalSession, user: string, password: Secret, signal: AbortSignal): Promise<void> {
    const { system, logIn, home } = this.#parts;
    const doing = 'the log-in';
    const walk = this.#walk(session, doing, signal);
    const done = new Set<ScreenMap>();
    let after = 'its start';
    let arrival = walk.standing() ?? (await walk.arrive());
    for (;;) {
      const map = this.#known(arrival, doing, after);
      if (map === home) return;
      if (done.size > 0) this.#judge(logIn, map, arrival.screen);
      if (map === logIn?.takeOver?.on) throw new GatehouseError('NO_SESSION', `${system}: the user ${user} is still logged on`);
      const step = logIn?.steps.find(({ on }) => on === map);
      // A session that the host had kept goes on where it was left.
      if (step === undefined || step.press === undefined) return this.goHome(session, signal);
      if (done.has(map))
        throw new GatehouseError('CREDENTIALS_REFUSED', `${system}: after the log-in '${map.name}' asks again; it was not answered a second time`);
      done.add(map);
      await this.#fill(walk, step, { user, password });
      after = `'${map.name}'`;
      arrival = await walk.arrive(await walk.press(step.press), {
        notYet: (stood, screen) =>
          stood === map && ruleFor(logIn?.refusals ?? [], stood, screen) === null && !screen.looksLike(arrival.screen, stood.volatile),
      });
    }
  }

  async takeOver(session: TerminalSession, signal: AbortSignal): Promise<boolean> {
    const step = this.#parts.logIn?.takeOver;
    const walk = this.#walk(session, 'taking over a session', signal);
    const standing = walk.standing();
    if (step?.press === undefined || standing?.recognised.is !== 'one' || standing.recognised.map !== step.on) return false;
    await this.#fill(walk, step, null);
    const { end } = await walk.arrive(await walk.press(step.press));
    return end === 'met';
  }

  async goHome(session: TerminalSession, signal: AbortSignal): Promise<void> {
    const { home, escape, system } = this.#parts;
    const doing = 'the way home';
    const walk = this.#walk(session, doing, signal);
    let after = 'its start';
    let arrival = walk.standing() ?? (await walk.arrive());
    let escapes = 0;
    for (let keys = 0; keys < mostKeysHome; keys += 1) {
      const { recognised, end } = arrival;
      const astray = end !== 'disconnected' && recognised.is !== 'one' ? escape[escapes] : undefined;
      if (astray !== undefined) escapes += 1;
      const map = astray === undefined ? this.#known(arrival, doing, after) : null;
      if (map === home) return;
      const key = astray ?? map?.back;
      if (key === undefined) throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: no way leads home from '${map?.name}': its map has no 'back'`);
      after = `the key ${key}`;
      arrival = await walk.arrive(await walk.press(key));
    }
    throw new GatehouseError('SCREEN_UNEXPECTED', `${system}: after ${mostKeysHome} keys the way home has not ended`);
  }

  /** Politeness: a host that does not answer to it ends the session when the connection is closed. */
  async logOff(session: TerminalSession, signal: AbortSignal): Promise<void> {
    const { logOff } = this.#parts;
    if (logOff?.press === undefined || !session.connected) return;
    const walk = this.#walk(session, 'the log-off', signal);
    await this.#fill(walk, logOff, null);
    await walk.arrive(await walk.press(logOff.press));
  }

  async #fill(walk: Walk, { on, fill = {} }: Step, who: { readonly user: string; readonly password: Secret } | null): Promise<void> {
    const values = Object.entries(fill).flatMap(([name, value]): [string, string | Secret][] => {
      if (typeof value !== 'object') return [[name, String(value)]];
      if (who === null || !('$setting' in value)) return [];
      return [[name, value.$setting === 'password' ? who.password : who.user]];
    });
    if (values.length > 0) await walk.fill(on, new Map(values));
  }

  #judge(logIn: LogIn | undefined, map: ScreenMap, screen: Screen): void {
    const found = ruleFor(logIn?.refusals ?? [], map, screen);
    if (found === null) return;
    const { means } = found.rule;
    const code = means === 'no session' || means === 'not executed' ? 'NO_SESSION' : 'CREDENTIALS_REFUSED';
    throw new GatehouseError(
      code,
      `${this.#parts.system}: the host does not let the user in: ${code === 'NO_SESSION' ? 'no session is free' : 'user or password are refused'}`,
    );
  }

  #known(arrival: Arrival, doing: string, after: string): ScreenMap {
    const { recognised, end } = arrival;
    if (end === 'met' && recognised.is === 'one') return recognised.map;
    throw lost({ system: this.#parts.system, doing, after, expected: [this.#parts.home.name] }, arrival, false);
  }

  #walk(session: TerminalSession, doing: string, signal: AbortSignal): Walk {
    return new Walk({ ...this.#parts, doing, session, signal, mark: () => undefined });
  }
}
