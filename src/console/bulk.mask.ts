import { type BulkRow } from '../contract/bulk.ts';
import { type CataloguedOperation } from '../contract/catalogue.ts';
import { type TranslationFilter } from '../contract/journal-reader.ts';
import { mask } from '../contract/masking.ts';
import { isSensitive } from './sensitive.ts';

/** For those who may not reveal: keys that are sensitive fields, and what a refusal says, are masked (rule 42). */
export function maskedBulk(row: BulkRow, operations: readonly CataloguedOperation[]): BulkRow {
  const { act, selection } = row;
  const sensitive = operations.some((each) => isSensitive(each, each.key) || isSensitive(each, each.businessKey));
  return {
    ...row,
    act: act.kind === 'discard' && act.reply !== undefined ? { kind: 'discard', reply: { type: act.reply.type, data: mask } } : act,
    selection: sensitive && 'filter' in selection ? { filter: withoutKeys(selection.filter) } : selection,
  };
}

function withoutKeys(filter: TranslationFilter): TranslationFilter {
  const masked = (name: 'key' | 'businessKey' | 'text'): object => (filter[name] === undefined ? {} : { [name]: mask });
  return { ...filter, ...masked('key'), ...masked('businessKey'), ...masked('text') };
}
