import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { filterOf } from '../console/search-filter.ts';
import { filter } from '../console/openapi.parameters.ts';
import { searchNames } from '../console/search-conditions.ts';
import { addBulks } from './bulk-command.ts';
import { addSearching } from './search-command.ts';
import { addConditions, queryOf } from './search-options.ts';

/** One of each; a name that is new is missed here first. */
const written: Readonly<Record<string, string>> = {
  text: 'crm',
  state: 'parked',
  inDoubt: '1',
  overMs: '90s',
  system: 'crm,erp',
  operation: 'book',
  type: 'order.placed.v1',
  eventId: 'e1',
  correlation: 'c1',
  businessKey: 'b1',
  key: 'k1',
  code: 'DEFECT',
  from: '2026-11-21T08:00:00Z',
  to: '2026-11-21T09:00:00Z',
};
const asked = { ...written, overMs: '90000' };
const optionOf = (name: string): string => (name === 'overMs' ? '--over' : `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);

describe('what a search may ask for', () => {
  it('is the same on the command line, in the API and in its document', () => {
    expect(Object.keys(written).sort()).toEqual([...searchNames].sort());
    const line = searchNames.flatMap((name) => (name === 'inDoubt' ? ['--in-doubt'] : [optionOf(name), written[name] ?? '']));
    expect(queryOf(addConditions(new Command()).parse(line, { from: 'user' }).opts())).toEqual(asked);
    expect(filter.map(({ name }) => name)).toEqual(searchNames);
    const catalogue = { operations: () => [] } as unknown as Parameters<typeof filterOf>[1]['catalogue'];
    const found = filterOf(asked, { caller: { name: 'ann', role: 'operator' }, catalogue, nowMs: 1 });
    expect(Object.keys(found).sort()).toEqual(
      [...searchNames.filter((name) => !['state', 'from', 'to', 'overMs'].includes(name)), 'states', 'fromMs', 'toMs', 'over'].sort(),
    );
  });

  it('is asked alike by the list and by what is done to many', () => {
    const program = new Command();
    addSearching(program);
    addBulks(program);
    for (const name of ['list', 'bulk']) {
      const options = program.commands.find((command) => command.name() === name)?.options.map(({ long }) => long) ?? [];
      expect(
        searchNames.map(optionOf).filter((option) => !options.includes(option)),
        name,
      ).toEqual([]);
    }
  });
});

describe('a duration', () => {
  it.each([
    ['1500', '1500'],
    ['250ms', '250'],
    ['1.5 s', '1500'],
    ['5min', '300000'],
    ['2h', '7200000'],
    ['soon', 'soon'],
    ['5 parsecs', '5 parsecs'],
  ])('%s is %s ms, or is left for the search to refuse', (over, overMs) => expect(queryOf({ over })).toEqual({ overMs }));
});
