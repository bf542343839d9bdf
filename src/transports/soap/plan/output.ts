import { type Json } from '../../../contract/json.ts';
import { Unfit } from './unfit.ts';

/** Bytes that travel beside the envelope. @see https://www.w3.org/TR/soap12-mtom/ */
export interface Attachment {
  readonly contentId: string;
  readonly bytes: Uint8Array;
}

/** Base64 text of at least so many characters goes beside the envelope, where attachments are used. */
const leastAttached = 1_024;
const mostProblems = 10;

/** What is written so far, where we are in the arguments, and what does not fit. */
export class Output {
  xml = '';
  readonly path: (string | number)[] = [];
  readonly problems: string[] = [];
  /** By number, the prefixes that are in use. */
  readonly prefixes: (true | undefined)[] = [];
  /** Null where bytes stay inside the envelope. */
  readonly attachments: Attachment[] | null;

  constructor({ attach }: { attach: boolean }) {
    this.attachments = attach ? [] : null;
  }

  problem(what: string, under?: string): void {
    if (this.problems.length < mostProblems) this.problems.push(`${placeOf(this.path, under)} ${what}`);
  }

  /** Runs `work`; what does not fit becomes a problem of the present place. */
  trying(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof Unfit)) throw error;
      this.problem(error.message);
    }
  }

  /** The content id under which these bytes will travel; undefined when they stay inside. */
  attach(base64: string): string | undefined {
    if (this.attachments === null || base64.length < leastAttached) return undefined;
    const contentId = `part${this.attachments.length + 1}@gatehouse`;
    this.attachments.push({ contentId, bytes: Buffer.from(base64, 'base64') });
    return contentId;
  }
}

/** `insert.lines[2].price`; names from outside are shown without anything that could mislead. */
export function placeOf(path: readonly (string | number)[], under?: string): string {
  const parts = under === undefined ? path : [...path, under];
  return parts
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${part.replaceAll(/[^\w$@{}:/.-]/g, '?').slice(0, 100)}`,
    )
    .join('');
}

export const isObject = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
