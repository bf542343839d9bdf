import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { type Desk } from '../contract/control.ts';

/** Metrics of the gateway, read when asked for: nothing is counted on the path of an event. Labels are systems, operations and states only. */
export class Metrics {
  readonly #registry = new Registry();

  constructor(desk: Desk) {
    collectDefaultMetrics({ register: this.#registry, prefix: 'gatehouse_' });
    const registers = [this.#registry];
    const gauge = (
      name: string,
      help: string,
      labelNames: string[],
      collect: (set: (labels: Record<string, string>, value: number) => void) => void,
    ): void => {
      const metric: Gauge = new Gauge({
        name,
        help,
        labelNames,
        registers,
        collect: () => {
          metric.reset();
          collect((labels, value) => metric.set(labels, value));
        },
      });
    };
    gauge('gatehouse_translations', 'Translations in the journal by state.', ['system', 'operation', 'state', 'detail'], (set) => {
      for (const { system, operation, state, detail, count } of desk.tallies()) set({ system, operation, state, detail }, count);
    });
    gauge('gatehouse_system_open', '1 when the system takes calls.', ['system'], (set) => {
      for (const { system, availability } of desk.systems()) set({ system }, availability === 'open' ? 1 : 0);
    });
    gauge('gatehouse_system_backlog', 'Translations ready, at work, or waiting for time or the system.', ['system'], (set) => {
      for (const { system, backlog } of desk.systems()) set({ system }, backlog);
    });
    gauge('gatehouse_system_running', 'Translations at work.', ['system'], (set) => {
      for (const { system, running } of desk.systems()) set({ system }, running);
    });
    gauge('gatehouse_system_intake_held', '1 while nothing is taken from the bus for the system.', ['system'], (set) => {
      for (const { system, intakeHeld } of desk.systems()) set({ system }, intakeHeld ? 1 : 0);
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}
