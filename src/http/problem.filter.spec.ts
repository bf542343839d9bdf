import { type ArgumentsHost } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../contract/errors.ts';
import { ProblemFilter } from './problem.filter.ts';

/** What the caller is told and what the log says of a request that ended in `thrown`. */
function answerTo(thrown: unknown): { said: string[]; logged: unknown[][] } {
  const said: string[] = [];
  const logged: unknown[][] = [];
  const reply = { status: () => reply, header: () => reply, type: () => reply, send: (text: string) => said.push(text) };
  const http = { getResponse: () => reply, getRequest: () => ({ method: 'GET', url: '/api/translations?q=CANARY' }) };
  new ProblemFilter((...line) => logged.push(line)).catch(thrown, { switchToHttp: () => http } as unknown as ArgumentsHost);
  return { said, logged };
}

describe('a request that ends badly', () => {
  it('by a mistake of ours is in the log with the place, and with nothing that the request said', () => {
    const { said, logged } = answerTo(new SyntaxError('Unexpected token, "CANARY" is not valid JSON'));
    expect(said.join('')).toContain('See its log');
    expect(logged).toMatchObject([['error', { code: 'DEFECT', method: 'GET', path: '/api/translations', error: 'SyntaxError' }, expect.any(String)]]);
    expect(JSON.stringify(logged)).toContain('problem.filter.spec');
    expect(JSON.stringify([said, logged])).not.toContain('CANARY');
  });

  it('by the caller’s own doing leaves the log alone', () => {
    expect(answerTo(new GatehouseError('NOT_FOUND', 'there is nothing')).logged).toEqual([]);
  });
});
