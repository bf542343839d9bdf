import { describe, expect, it } from 'vitest';
import { searchedWords } from './searched-words.ts';

const words = (search: Parameters<typeof searchedWords>[0]): string => searchedWords(search, 100_000, (ms) => `T${ms}`);

describe('what a text is looked for in', () => {
  it('where bodies are not searched, it says how they are', () => {
    expect(words({ systems: [], behind: 0, upToMs: null })).toContain('searchBodies');
  });

  it('it names the systems, and is silent about what is a moment behind', () => {
    const said = words({
      systems: [
        { system: 'crm', done: 1 },
        { system: 'erp', done: 1 },
      ],
      behind: 3,
      upToMs: 99_000,
    });
    expect(said).toContain('(crm, erp)');
    expect(said).not.toMatch(/So far|before/);
  });

  it('it says how far it is when it is behind, and how much of the old can be found', () => {
    const said = words({ systems: [{ system: 'crm', done: 0.418 }], behind: 1_200, upToMs: 40_000 });
    expect(said).toContain('arrived before T40000: 1200 changes');
    expect(said).toContain('41 % of crm');
  });
});
