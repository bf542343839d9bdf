/** Why a value does not fit, as the end of a sentence that begins with its path. */
export class Unfit extends Error {}

export const countWords = (min: number, max: number): string =>
  min === max ? `exactly ${min}` : max === Infinity ? `at least ${min}` : min === 0 ? `at most ${max}` : `${min} to ${max}`;
