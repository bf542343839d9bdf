import { IsString } from 'class-validator';
import { Adapter } from '../../src/contract/adapter.ts';
import { type Calls, once } from '../../src/contract/calls.ts';
import { EventType } from '../../src/contract/event.ts';
import { Operation, type SystemHandle, type Translation } from '../../src/contract/operation.ts';
import { type CallsOf, constant, drop, file, fixedWidth, layoutCodec, reply, text } from '../../src/transports/file/file.ts';

const note = fixedWidth('NOTE', { kind: constant('N'), noteId: text(10) });
const head = fixedWidth('HEAD', { kind: constant('H'), noteId: text(10) });
const line = fixedWidth('LINE', { kind: constant('L'), words: text(10) });
const notes = layoutCodec({ name: 'notes', codePage: 'ascii', format: { kind: 'line', ends: 'lf' }, records: { note } });
const answers = layoutCodec({
  name: 'answers',
  codePage: 'ascii',
  format: { kind: 'line', ends: 'lf' },
  records: { head: { layout: head, when: { at: 0, text: 'H' } }, line: { layout: line, when: { at: 0, text: 'L' } } },
});

/** The file answers the note that its head names; its lines are the answer. */
const byField = reply({
  from: 'in',
  name: 'ANSWER_*.TXT',
  codec: answers,
  records: { line },
  by: 'field',
  of: 'head',
  correlation: '{field:noteId}',
  complete: 'renamed',
});
const byName = reply({ from: 'in', name: 'NAMED_{correlation}.TXT', codec: answers, records: { line }, by: 'name', complete: 'renamed' });

const name = 'NOTE_{field:noteId}.TXT';
const record = { note };
const correlation = '{field:noteId}';
export const messengerLayout = file({
  drops: {
    ByField: drop({ to: 'out', name, codec: notes, record, reply: { from: byField, correlation, withinHours: 6 } }),
    ByName: drop({ to: 'out', name, codec: notes, record, reply: { from: byName, correlation, withinHours: 6 } }),
    /** Its time is over in a second. */
    Hasty: drop({ to: 'out', name, codec: notes, record, reply: { from: byField, correlation, withinHours: 1 / 3_600 } }),
  },
  replies: { byField, byName },
});
type Messenger = CallsOf<typeof messengerLayout>;
const calls: Calls<Messenger> = { ByField: once(), ByName: once(), Hasty: once() };

@EventType('test.note.v1')
export class NoteWritten {
  @IsString()
  noteId: string;

  @IsString()
  by: 'ByField' | 'ByName' | 'Hasty';
}

@EventType('test.note.answered.v1')
export class NoteAnswered {
  @IsString()
  words: string;

  constructor(words?: string) {
    if (words !== undefined) this.words = words;
  }
}

@Operation({ accepts: NoteWritten, replies: [NoteAnswered], businessKey: 'noteId' })
export class SendNote implements Translation<NoteWritten, Messenger, NoteAnswered> {
  async translate({ noteId, by }: NoteWritten, messenger: SystemHandle<Messenger>) {
    const { records } = await messenger.call(by, { kind: 'N', noteId });
    return new NoteAnswered(records.map(({ value }) => value.words).join(' '));
  }
}

@Adapter({ system: 'messenger', about: 'Takes notes, and answers each with a file.', layouts: [messengerLayout], calls, operations: [SendNote] })
export class MessengerAdapter {}

/** A file that answers the note, in these words. */
export const answerTo = (noteId: string, ...words: readonly string[]): string[] => [
  `H${noteId.padEnd(10)}`,
  ...words.map((word) => `L${word.padEnd(10)}`),
];
