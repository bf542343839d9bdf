import { Adapter } from '../../src/contract/index.ts';
import { calls, layout } from './ledger.layout.ts';
import { BookPosting } from './operations/book-posting.ts';
import { customers, statements } from './sources.ts';

@Adapter({
  system: 'ledger',
  about: 'The general ledger on a mainframe: postings for its nightly batch, statements and customers from it, in EBCDIC files.',
  layouts: [layout],
  calls,
  operations: [BookPosting],
  sources: [statements, customers],
})
export class LedgerAdapter {}
