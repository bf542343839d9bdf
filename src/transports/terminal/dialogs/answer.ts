import { type Json } from '../../../contract/json.ts';
import { type ScreenMap } from '../maps/screen-map.ts';
import { valueViolation } from '../maps/value.ts';
import { type DialogParts } from './dialog.ts';

/** What is wrong with `answer` as an answer of the dialog, in words; empty when it fits. */
export function answerViolations(dialog: DialogParts, answer: Json): string[] {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return ['an answer is an object'];
  if ('refused' in answer) {
    const codes = (dialog.refusals ?? []).flatMap(({ means }) => (typeof means === 'object' ? [means.refusal] : []));
    if (typeof answer['refused'] !== 'string' || typeof answer['reason'] !== 'string') return ['a refusal has the texts refused and reason'];
    return codes.includes(answer['refused']) ? [] : [`a refusal is one of ${codes.join(', ') || 'none'}`];
  }
  const reads = new Map(dialog.steps.flatMap(({ on, read = [] }) => read.map((name) => [name, on] as const)));
  const wrong = [...reads].flatMap(([name, map]) => violationsOf(map, name, answer[name]));
  return [...wrong, ...Object.keys(answer).flatMap((name) => (reads.has(name) ? [] : [`${name.slice(0, 32)} is no part of the answer`]))];
}

function violationsOf(map: ScreenMap, name: string, value: Json | undefined): string[] {
  const output = (map.outputs ?? {})[name];
  if (output !== undefined) return [valueViolation(output, value)].flatMap((wrong) => (wrong === null ? [] : [`${name} ${wrong}`]));
  const columns = (map.tables ?? {})[name]?.columns ?? {};
  if (!Array.isArray(value)) return [`${name} must be a list of rows`];
  for (const [at, row] of value.entries()) {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return [`${name}[${at}] must be a row`];
    for (const [column, type] of Object.entries(columns)) {
      const wrong = valueViolation(type, row[column]);
      if (wrong !== null) return [`${name}[${at}].${column} ${wrong}`];
    }
    const foreign = Object.keys(row).find((column) => !Object.hasOwn(columns, column));
    if (foreign !== undefined) return [`${name}[${at}].${foreign.slice(0, 32)} is no column of the table`];
  }
  return [];
}
