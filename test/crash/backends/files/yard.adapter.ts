import { IsIn, IsString } from 'class-validator';
import { Adapter } from '../../../../src/contract/adapter.ts';
import { type Calls, once, repeatable } from '../../../../src/contract/calls.ts';
import { EventType } from '../../../../src/contract/event.ts';
import { Operation, type SystemHandle, type Translation } from '../../../../src/contract/operation.ts';
import { type CallsOf, constant, drop, file, fixedWidth, layoutCodec, reply, text, whole } from '../../../../src/transports/file/file.ts';
import { customers, orders } from '../../../support/pickups.ts';

/* A forwarder's yard that is spoken to by files alone: one drop of every kind that a crash leaves in another state. */

const lines = { kind: 'line', ends: 'lf' } as const;
const head = fixedWidth('HEAD', { kind: constant('H'), created: text(14), file: text(40) });
const job = fixedWidth('JOB', { kind: constant('J'), ref: text(24), lot: text(8) });
const tail = fixedWidth('TAIL', { kind: constant('T'), jobs: whole(6) });
const letter = fixedWidth('LETTER', { kind: constant('L'), ref: text(24) });
const ack = fixedWidth('ACK', { kind: constant('A'), ref: text(24), mark: text(8) });
const end = fixedWidth('END', { kind: constant('E'), acks: whole(6) });

const jobs = layoutCodec({
  name: 'jobs',
  codePage: 'ascii',
  format: lines,
  records: { head: { layout: head, when: { at: 0, text: 'H' } }, tail: { layout: tail, when: { at: 0, text: 'T' } }, job },
  control: { header: 'head', trailer: 'tail', counts: [{ field: 'jobs', of: 'job' }] },
});
const acks = layoutCodec({
  name: 'acks',
  codePage: 'ascii',
  format: lines,
  records: { letter: { layout: letter, when: { at: 0, text: 'L' } }, end: { layout: end, when: { at: 0, text: 'E' } }, ack },
  control: { trailer: 'end', counts: [{ field: 'acks', of: 'ack' }] },
});

const kept = { codec: acks, records: { ack } };
const confirmations = reply({
  ...kept,
  from: 'in',
  name: 'CONF_*.TXT',
  by: 'record',
  correlation: '{field:ref}',
  complete: { marker: '{name}.done' },
});
const receipts = reply({ ...kept, from: 'in', name: 'RECEIPT_{correlation}.TXT', by: 'name', complete: 'renamed' });
const letters = reply({
  ...kept,
  from: 'in',
  name: 'LETTER_*.TXT',
  by: 'field',
  of: 'letter',
  correlation: '{field:ref}',
  complete: { unchangedMs: 30 },
});

/** Of a drop whose reply never comes in time: 0.9 s. */
const hastyHours = 0.000_25;
const stamped = { codec: jobs, to: 'out', control: { header: { created: '{date:yyyyMMddHHmmss}', file: '{name}' } } };
const one = { ...stamped, record: { job } };
/** One file is full, the next one old. */
const close = { events: 3, afterMs: 150 };
const awaited = { from: confirmations, correlation: '{field:ref}', withinHours: 6 };

export const yardLayout = file({
  drops: {
    Order: drop({ ...one, name: 'ORDER_{sequence:06}.TXT', marker: '{name}.done', reply: awaited }),
    Manifest: drop({
      ...stamped,
      records: { job },
      name: 'MANIFEST_{date:yyyyMMdd}_{sequence:06}.TXT',
      marker: '{stem}.ok',
      sequence: 'manifests',
      reply: { from: receipts, correlation: '{stem}', withinHours: 6 },
    }),
    Form: drop({ ...one, name: 'FORM_{field:ref}.TXT', marker: '{name}.done', reply: { from: letters, correlation: '{field:ref}', withinHours: 6 } }),
    /** Every one of a lot wants the same name. */
    Note: drop({ ...one, name: 'NOTE_{field:lot}.TXT', ifExists: 'number' }),
    State: drop({ ...one, name: 'STATE_{field:ref}.TXT', ifExists: 'replace', marker: '{name}.done' }),
    Gone: drop({ ...one, name: 'GONE_{field:ref}.TXT', marker: '{name}.done', whenGone: 'happened' }),
    Snatched: drop({ ...one, name: 'SNATCHED_{field:ref}.TXT' }),
    Batch: drop({ ...one, name: 'BATCH_{sequence:06}.TXT', marker: '{name}.done', batch: { close } }),
    Confirmed: drop({ ...one, name: 'CONFIRMED_{sequence:06}.TXT', marker: '{name}.done', reply: awaited, batch: { close } }),
    Mute: drop({ ...one, name: 'MUTE_{field:ref}.TXT', marker: '{name}.done', reply: { ...awaited, withinHours: hastyHours } }),
  },
  replies: { confirmations, receipts, letters },
});
type Yard = CallsOf<typeof yardLayout>;

const calls: Calls<Yard> = {
  Order: once(),
  Manifest: once(),
  Form: once(),
  Note: once(),
  State: repeatable(),
  Gone: once(),
  Snatched: once(),
  Batch: once(),
  Confirmed: once(),
  Mute: once(),
};

/** All with a marker. */
export const ways = ['Order', 'Pair', 'Manifest', 'Form', 'State', 'Gone', 'Batch', 'Confirmed'] as const;
export type Way = (typeof ways)[number];
/** Without one: what was interrupted between two steps of the place may end in doubt. */
export const bareWays = ['Note', 'Snatched'] as const;
export type BareWay = (typeof bareWays)[number];

class Job {
  @IsString()
  ref: string;

  @IsString()
  lot: string;
}

@EventType('crash.job.wanted.v1')
export class JobWanted extends Job {
  @IsIn(ways)
  by: Way;
}

@EventType('crash.bare.wanted.v1')
export class BareWanted extends Job {
  @IsIn(bareWays)
  by: BareWay;
}

@EventType('crash.mute.wanted.v1')
export class MuteWanted extends Job {}

@EventType('crash.job.done.v1')
export class JobDone {
  @IsString()
  ref: string;

  /** `ref mark`, one for each record that the yard has, parted by commas: what its reply said, or the name of the file. */
  @IsString()
  done: string;

  constructor(ref?: string, done?: string) {
    if (ref !== undefined) this.ref = ref;
    if (done !== undefined) this.done = done;
  }
}

const jobOf = ({ ref, lot }: Job, part = '') => ({ kind: 'J', ref: ref + part, lot });
const said = ({ value }: { value: { ref: string; mark: string } }): string => `${value.ref} ${value.mark}`;

@Operation({ accepts: JobWanted, replies: [JobDone], businessKey: 'ref' })
export class SendJob implements Translation<JobWanted, Yard, JobDone> {
  async translate(wanted: JobWanted, yard: SystemHandle<Yard>) {
    return new JobDone(wanted.ref, await this.#sent(wanted, yard));
  }

  async #sent(wanted: JobWanted, yard: SystemHandle<Yard>): Promise<string> {
    const { ref, by } = wanted;
    switch (by) {
      case 'Order':
      case 'Confirmed':
        return said(await yard.call(by, jobOf(wanted)));
      case 'Pair': {
        const first = await yard.call('Order', jobOf(wanted, '-a'));
        return `${said(first)},${ref}-b ${(await yard.call('Gone', jobOf(wanted, '-b'))).file}`;
      }
      case 'Manifest': {
        const records = ['-a', '-b'].map((part) => ({ type: 'job' as const, value: jobOf(wanted, part) }));
        return (await yard.call('Manifest', { records })).records.map(said).join(',');
      }
      case 'Form':
        return (await yard.call('Form', jobOf(wanted))).records.map(said).join(',');
      default:
        return `${ref} ${(await yard.call(by, jobOf(wanted))).file}`;
    }
  }
}

@Operation({ accepts: BareWanted, replies: [JobDone], businessKey: 'ref' })
export class SendBare implements Translation<BareWanted, Yard, JobDone> {
  async translate(wanted: BareWanted, yard: SystemHandle<Yard>) {
    return new JobDone(wanted.ref, `${wanted.ref} ${(await yard.call(wanted.by, jobOf(wanted))).file}`);
  }
}

@Operation({ accepts: MuteWanted, replies: [JobDone], businessKey: 'ref' })
export class SendMute implements Translation<MuteWanted, Yard, JobDone> {
  async translate(wanted: MuteWanted, yard: SystemHandle<Yard>) {
    return new JobDone(wanted.ref, said(await yard.call('Mute', jobOf(wanted))));
  }
}

@Adapter({
  system: 'yard',
  about: 'A yard that takes and leaves files.',
  layouts: [yardLayout],
  calls,
  operations: [SendJob, SendBare, SendMute],
  sources: [orders, customers({ maxGonePercent: 100 })],
})
export class YardAdapter {}
