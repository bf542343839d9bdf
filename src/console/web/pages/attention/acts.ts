import { type BulkAct } from '../../../../contract/bulk.ts';

export type BulkKind = BulkAct['kind'];

interface ActWords {
  /** On its button. */
  readonly verb: string;
  /** In a sentence, before what it is done to. */
  readonly does: string;
  readonly means: string;
  readonly grave: boolean;
  /** Only of calls that may or may not have happened. */
  readonly ofDoubt: boolean;
}

/** What can be done to many at once, in words. */
export const actWords: Readonly<Record<BulkKind, ActWords>> = {
  retry: {
    verb: 'Retry',
    does: 'Retry',
    means: 'Runs each again from where it stopped; what is answered is not called again.',
    grave: false,
    ofDoubt: false,
  },
  replay: {
    verb: 'Replay as new',
    does: 'Replay',
    means: 'Starts each anew as another translation; every call is made again.',
    grave: true,
    ofDoubt: false,
  },
  discard: {
    verb: 'Discard',
    does: 'Discard',
    means: 'Gives each up for good, with a refusal as its reply if you wish.',
    grave: true,
    ofDoubt: false,
  },
  pass: {
    verb: 'Let those behind pass',
    does: 'Let those pass that wait behind',
    means: 'Those with the same key go by; each stays parked.',
    grave: false,
    ofDoubt: false,
  },
  'did not': {
    verb: 'It did not happen',
    does: 'Say that it did not happen:',
    means: 'The call in doubt is made again.',
    grave: true,
    ofDoubt: true,
  },
  probe: {
    verb: 'Run the probe',
    does: 'Run the probe of',
    means: 'The gateway looks in the system for what became of the call.',
    grave: false,
    ofDoubt: true,
  },
};

export const bulkKinds = Object.keys(actWords) as readonly BulkKind[];
