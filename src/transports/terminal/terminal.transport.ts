import { GatehouseError, asGatehouseError } from '../../contract/errors.ts';
import { type Json } from '../../contract/json.ts';
import { type Secret } from '../../contract/secret.ts';
import { type SessionsStatus } from '../../contract/sessions.ts';
import { type Link, type LinkSurroundings, type Outcome, type Passage, type RecordedExchange, Transport } from '../../contract/transport.ts';
import { commandViolations, runCommandCall } from './commands/run-command-call.ts';
import { answerViolations } from './dialogs/answer.ts';
import { effectMistake } from './dialogs/check-dialogs.ts';
import { commitStepOf, type Dialog } from './dialogs/dialog.ts';
import { type Keyboard, type PlannedStep, planDialog } from './dialogs/plan.ts';
import { runDialog } from './dialogs/run-dialog.ts';
import { Walk } from './dialogs/walk.ts';
import { checkTerminal } from './drivers.ts';
import { Film } from './film.ts';
import { MapLandmarks } from './map-landmarks.ts';
import { Atlas } from './maps/atlas.ts';
import { type Landmarks, type Lent, type SessionPool } from './pool/landmarks.ts';
import { TerminalPool } from './pool/session-pool.ts';
import { type TerminalLayout } from './terminal.ts';
import { dial } from './tcp.ts';
import { inspectTerminal } from './terminal.inspect.ts';
import { TerminalSettings } from './terminal.settings.ts';
import { repertoireOf } from './tn3270/code-page.ts';
import { Charset } from './vt/charset.ts';

/** A VT host paints a screen in pieces; a 3270 gets its keyboard back when it is whole. */
const settledMs = { vt: 50, '3270': 0 } as const;

/** Dialogs with a terminal, and commands over SSH. */
export class TerminalTransport extends Transport {
  readonly name = 'terminal';
  readonly settings = TerminalSettings;

  async open(surroundings: LinkSurroundings): Promise<Link> {
    const settings = surroundings.settings as TerminalSettings;
    const kind = settings.protocol === 'tn3270' ? '3270' : 'vt';
    const repertoire = kind === '3270' ? repertoireOf(surroundings.system, settings.codePage) : new Charset(settings.charset);
    const { system, clock } = surroundings;
    const { maps, logIn, logOff, escape } = surroundings.layout as TerminalLayout;
    const atlas = new Atlas(maps, settledMs[kind]);
    const home = maps.find((map) => map.kind === 'home');
    if (home === undefined) return new TerminalLink(surroundings, { kind, repertoire }, atlas, null);
    const { screenTimeoutMs, echoTimeoutMs } = settings;
    const landmarks = new MapLandmarks({ system, atlas, home, logIn, logOff, escape, clock, keyboard: kind, screenTimeoutMs, echoTimeoutMs });
    const pool = await TerminalPool.open({ ...surroundings, settings, landmarks, evidence: (callId, parts) => surroundings.evidence(callId, parts) });
    return new TerminalLink(surroundings, { kind, repertoire }, atlas, { pool, landmarks });
  }
}

/** What calls that are dialogs need. */
interface Sessions {
  readonly pool: SessionPool;
  readonly landmarks: Landmarks;
}

class TerminalLink implements Link {
  readonly #surroundings: LinkSurroundings;
  readonly #system: string;
  readonly #settings: TerminalSettings;
  readonly #layout: TerminalLayout;
  readonly #keyboard: Keyboard;
  readonly #atlas: Atlas;
  readonly #sessions: Sessions | null;
  readonly #closing = new AbortController();
  readonly #mistake: GatehouseError | null;

  constructor(surroundings: LinkSurroundings, keyboard: Keyboard, atlas: Atlas, sessions: Sessions | null) {
    this.#surroundings = surroundings;
    this.#system = surroundings.system;
    this.#settings = surroundings.settings as TerminalSettings;
    this.#layout = surroundings.layout as TerminalLayout;
    this.#keyboard = keyboard;
    this.#atlas = atlas;
    this.#sessions = sessions;
    this.#mistake = this.#mistakeOfCalls();
  }

  get fault(): GatehouseError | null {
    return this.#mistake ?? this.#sessions?.pool.fault ?? null;
  }

  async exchange(call: string, args: Json, passage: Passage): Promise<Outcome> {
    const { dialogs, commands } = this.#layout;
    const signal = (): AbortSignal => AbortSignal.any([passage.signal, this.#closing.signal]);
    if (Object.hasOwn(commands, call) && commands[call] !== undefined)
      return runCommandCall({ ...this.#surroundings, settings: this.#settings }, call, commands[call], args, passage, signal());
    let lent: Lent;
    let plan: PlannedStep[];
    const dialog = Object.hasOwn(dialogs, call) ? dialogs[call] : undefined;
    try {
      if (this.#mistake !== null) throw this.#mistake;
      if (dialog === undefined || this.#sessions === null)
        throw new GatehouseError('CALL_UNKNOWN', `${this.#system}: the layout has no call '${call}'`);
      plan = planDialog(this.#system, call, dialog, args, this.#keyboard);
      lent = await this.#sessions.pool.take(signal());
    } catch (error) {
      return { end: 'not sent', error: asGatehouseError(error) };
    }
    return this.#converse(call, dialog, plan, lent, passage);
  }

  async #converse(call: string, dialog: Dialog, plan: readonly PlannedStep[], lent: Lent, passage: Passage): Promise<Outcome> {
    const { session, user } = lent;
    const film = new Film(this.#surroundings.clock, this.#settings.maxRecordingBytes, this.#secrets());
    lent.observe(film.observe);
    const walk = this.#walk(call, lent, film, passage.signal);
    const commits = commitStepOf(dialog) !== undefined;
    const { outcome, broken } = await runDialog({
      system: this.#system,
      call,
      dialog,
      plan,
      walk,
      user,
      leave: () => {
        if (commits) lent.calls(passage.callId);
        return passage.leave();
      },
      keyLeft: () => film.keyLeft(),
      mark: (marker) => film.mark(marker),
    });
    if ('error' in outcome) film.capture(session.screen(), outcome.error.message);
    const back = broken ?? (await this.#goHome(lent));
    for (const part of await film.parts()) passage.trace(part);
    // Not awaited: what the pool does to bring a broken session home is none of the call's time.
    void lent.giveBack(back === null ? 'home' : { broken: back }).catch((thrown: unknown) => {
      const { code, message } = asGatehouseError(thrown);
      this.#surroundings.log('warn', { code }, message);
    });
    return outcome;
  }

  /** The dialog is over, whatever comes of it: a session that does not come home belongs to the pool. */
  async #goHome({ session }: Lent): Promise<GatehouseError | null> {
    const within = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#settings.screenTimeoutMs)]);
    try {
      await this.#sessions?.landmarks.goHome(session, within);
      return null;
    } catch (error) {
      return asGatehouseError(error);
    }
  }

  #walk(doing: string, { session }: Lent, film: Film, signal: AbortSignal): Walk {
    const { screenTimeoutMs, echoTimeoutMs } = this.#settings;
    return new Walk({
      system: this.#system,
      doing,
      session,
      atlas: this.#atlas,
      clock: this.#surroundings.clock,
      signal: AbortSignal.any([signal, this.#closing.signal]),
      screenTimeoutMs,
      echoTimeoutMs,
      keyboard: this.#keyboard.kind,
      mark: (marker) => film.mark(marker),
    });
  }

  #secrets(): Secret[] {
    const { password, keyPassphrase, users } = this.#settings;
    return [password, keyPassphrase, ...users.map((each) => each.password)].flatMap((secret) => secret ?? []);
  }

  #mistakeOfCalls(): GatehouseError | null {
    const { calls, effects = {} } = this.#surroundings;
    const { dialogs, commands } = this.#layout;
    const missing = calls.find((call) => !Object.hasOwn(dialogs, call) && !Object.hasOwn(commands, call));
    if (missing !== undefined) return new GatehouseError('CALL_UNKNOWN', `${this.#system}: the layout has no call '${missing}'`);
    const wrong = Object.entries(dialogs).flatMap(([call, dialog]) => {
      const effect = Object.hasOwn(effects, call) ? effects[call] : undefined;
      const mistake = effect === undefined ? null : effectMistake(call, dialog, effect);
      return mistake === null ? [] : [mistake];
    });
    return wrong.length === 0 ? null : new GatehouseError('LAYOUT_MISSING', `${this.#system}: ${wrong.join('; ')}`);
  }

  /** A connection, and a session at home: one that stands may not have heard yet that its host is gone. */
  async check(signal: AbortSignal): Promise<void> {
    if (this.#mistake !== null) throw this.#mistake;
    const { system, clock } = this.#surroundings;
    if (this.#sessions !== null) {
      (await dial(system, this.#settings, signal)).destroy();
      await this.#sessions.pool.check(signal);
    } else await checkTerminal({ system, settings: this.#settings, clock }, signal);
  }

  violations(call: string, answer: Json): readonly string[] {
    const { dialogs, commands } = this.#layout;
    if (Object.hasOwn(dialogs, call) && dialogs[call] !== undefined) return answerViolations(dialogs[call], answer);
    if (Object.hasOwn(commands, call) && commands[call] !== undefined) return commandViolations(commands[call], answer);
    return ['there is no such call'];
  }

  async inspect(exchange: RecordedExchange): Promise<Json> {
    const { commands, maps } = this.#layout;
    const command = Object.hasOwn(commands, exchange.call) ? (commands[exchange.call] ?? null) : null;
    return (await inspectTerminal(exchange, { system: this.#system, maps, atlas: this.#atlas, command })) as unknown as Json;
  }

  sessions(): SessionsStatus {
    return this.#sessions?.pool.status() ?? { sessions: [], waiting: 0, logIns: 0, failedLogIns: 0 };
  }

  async resumed(): Promise<void> {
    await this.#sessions?.pool.resumed();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sessions?.pool.close();
  }
}
