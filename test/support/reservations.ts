import { type Layout, Adapter } from '../../src/contract/adapter.ts';
import { once } from '../../src/contract/calls.ts';
import { GatehouseError, asGatehouseError } from '../../src/contract/errors.ts';
import { type Class, type Json } from '../../src/contract/json.ts';
import { Operation, type SystemHandle } from '../../src/contract/operation.ts';
import { type SessionsStatus } from '../../src/contract/sessions.ts';
import { type Link, type LinkSurroundings, type Outcome, type Passage, Transport } from '../../src/contract/transport.ts';
import { type Call } from '../../src/contract/calls.ts';
import { type Lent } from '../../src/transports/terminal/pool/landmarks.ts';
import { TerminalPool } from '../../src/transports/terminal/pool/session-pool.ts';
import { type Input } from '../../src/transports/terminal/terminal.driver.ts';
import { TerminalSettings } from '../../src/transports/terminal/terminal.settings.ts';
import { Asked, Told } from './depot.ts';
import { stockroomLandmarks } from './landmarks.ts';

type Stockroom = { Reserve: Call<{ ref: string }, { number: string }> };

const input = (name: string, row: number, width: number): Input => ({ name, at: { row, column: 27 }, width, shows: 'any-case' });

/** Keys of one reservation by hand, over the pool: what a dialog will do, as far as the pool is concerned. */
class ReservationLink implements Link {
  readonly #pool: TerminalPool;
  readonly #system: string;

  constructor(system: string, pool: TerminalPool) {
    this.#system = system;
    this.#pool = pool;
  }

  get fault(): GatehouseError | null {
    return this.#pool.fault;
  }

  async exchange(_call: string, args: Json, passage: Passage): Promise<Outcome> {
    let lent: Lent | null = null;
    let left = false;
    try {
      lent = await this.#pool.take(passage.signal);
      const { session } = lent;
      await session.type('2', input('choice', 15, 1));
      await this.#go(lent, 'enter', 'SR30', passage);
      for (const [at, value] of [(args as { ref: string }).ref, 'SKU-1001', '1', 'test'].entries()) {
        await session.type(value, input(`field ${at}`, 5 + at * 2, [20, 10, 4, 30][at] ?? 1));
        if (at < 3) await session.press('tab');
        if (at < 3)
          await session.wait(
            { name: 'next', anchors: [{ text: 'SR30', at: { row: 1, column: 2 } }], cursor: { row: 7 + at * 2, column: 27 } },
            5_000,
          );
      }
      await this.#go(lent, 'enter', 'SR31', passage);
      lent.calls(passage.callId);
      await passage.leave();
      left = true;
      await this.#go(lent, 'f6', 'SR32', passage);
      const number = session.screen().text({ row: 5, column: 27, width: 12 }).trim();
      await this.#go(lent, 'enter', 'SR10', passage);
      await lent.giveBack('home');
      return { end: 'answer', answer: { number } };
    } catch (thrown) {
      const error = asGatehouseError(thrown);
      await lent?.giveBack({ broken: error });
      return { end: left ? 'unknown' : 'not sent', error };
    }
  }

  async #go({ session }: Lent, key: 'enter' | 'f6', code: string, passage: Passage): Promise<void> {
    await session.press(key);
    const { end, why } = await session.wait(
      { name: code, anchors: [{ text: code, at: { row: 1, column: 2 } }] },
      passage.remainingMs(),
      passage.signal,
    );
    if (end !== 'met') throw new GatehouseError('NO_ANSWER', `${this.#system}: ${code} did not come: ${why}`);
  }

  check(signal: AbortSignal): Promise<void> {
    return this.#pool.check(signal);
  }

  sessions(): SessionsStatus {
    return this.#pool.status();
  }

  resumed(): Promise<void> {
    return this.#pool.resumed();
  }

  violations(): readonly string[] {
    return [];
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

/** The pool behind a real gateway. */
export class ReservationTransport extends Transport {
  readonly name = 'terminal';
  readonly settings = TerminalSettings;

  async open(surroundings: LinkSurroundings): Promise<Link> {
    const settings = surroundings.settings as TerminalSettings;
    return new ReservationLink(surroundings.system, await TerminalPool.open({ ...surroundings, settings, landmarks: stockroomLandmarks }));
  }
}

const layout: Layout = { transport: 'terminal' };

class Reserve {
  async translate({ ref }: Asked, stockroom: SystemHandle<Stockroom>): Promise<Told> {
    return new Told((await stockroom.call('Reserve', { ref })).number);
  }
}
Operation({ accepts: Asked, replies: [Told], businessKey: 'ref' })(Reserve);

class StockroomAdapter {}
Adapter({ system: 'stockroom', about: 'The practice stockroom.', layouts: [layout], calls: { Reserve: once() }, operations: [Reserve] })(
  StockroomAdapter,
);

export const stockroomAdapter: Class = StockroomAdapter;
