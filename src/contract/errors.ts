/** The five classes of failure. Policy reads the class, people read the message. */
export type FailureClass = 'refusal' | 'transient' | 'ambiguous' | 'permanent' | 'system';

interface CodeEntry {
  readonly class: FailureClass;
  readonly means: string;
  readonly remedy: string;
}

/** Every code the gateway can put on a translation, a system or an answer to a person; the failure table of the README is made from it. */
export const codes = {
  // what arrived
  NOT_AN_EVENT: { class: 'permanent', means: 'The bytes are no CloudEvent.', remedy: 'Look at the raw bytes; mend the sender, then discard.' },
  EVENT_TOO_LARGE: {
    class: 'permanent',
    means: 'The event is larger than maxEventBytes.',
    remedy: 'Raise maxEventBytes or send a reference instead of the body.',
  },
  EVENT_UNMATCHED: {
    class: 'permanent',
    means: 'No operation accepts this event type.',
    remedy: 'Correct the type, add an operation, or set unmatched: ignore.',
  },
  EVENT_ID_REUSED: {
    class: 'permanent',
    means: 'The same source and id arrived before with other content.',
    remedy: 'Compare both; replay this one as new if it is a real event.',
  },
  EVENT_INVALID: {
    class: 'permanent',
    means: 'The payload breaks the contract of its event type.',
    remedy: 'Mend the sender; replay with an edited event, or discard.',
  },
  KEY_UNREADABLE: {
    class: 'permanent',
    means: 'The ordering or business key is not in the payload as text or number.',
    remedy: 'Mend the sender or the path in the operation.',
  },
  LOOP: {
    class: 'permanent',
    means: 'The event has passed through more than 50 translations.',
    remedy: 'Find the operations that answer each other and break the circle.',
  },
  RECORD_INVALID: {
    class: 'permanent',
    means: 'A record of a file does not fit its layout.',
    remedy: 'Look at the record; mend the sender or the layout, then retry.',
  },
  // what adapter code did
  DEFECT: { class: 'permanent', means: 'Adapter code threw something that is no failure of the system.', remedy: 'Mend the adapter, then retry.' },
  ANSWER_INVALID: {
    class: 'permanent',
    means: 'The answer does not have the type of the call.',
    remedy: 'Compare the answer with the layout; mend the layout, then retry.',
  },
  REPLY_INVALID: {
    class: 'permanent',
    means: 'The operation returned a reply that it does not declare or that breaks its contract.',
    remedy: 'Mend the adapter, then retry; no call is repeated.',
  },
  CALL_LEFT_OPEN: {
    class: 'permanent',
    means: 'The operation returned while a call was still open.',
    remedy: 'Await every call in the adapter, then retry.',
  },
  CALL_UNKNOWN: {
    class: 'permanent',
    means: 'The operation asked for a call that the adapter does not declare.',
    remedy: 'Declare the call beside its layout.',
  },
  CALL_REFUSED_ARGUMENTS: {
    class: 'permanent',
    means: 'The arguments do not fit the native layout.',
    remedy: 'Mend the mapping or the event; nothing was sent.',
  },
  SCREEN_UNEXPECTED: {
    class: 'permanent',
    means: 'The screen is not the one expected, or does not show what was typed.',
    remedy: 'Look at the recorded screen; mend the screen map or the dialog, then retry.',
  },
  TOO_MANY_CALLS: { class: 'permanent', means: 'One translation made more than 1,000 calls.', remedy: 'Split the work over several events.' },
  STALLED: {
    class: 'permanent',
    means: 'The operation ran for 30 seconds without an open call.',
    remedy: 'Remove the wait that is no call from the adapter.',
  },
  CODE_CHANGED: {
    class: 'permanent',
    means: 'The operation no longer asks for what it had already sent.',
    remedy: 'Compare both sides; bring the old order of calls back, or settle by hand.',
  },
  OPERATION_GONE: {
    class: 'permanent',
    means: 'The operation of this translation no longer exists.',
    remedy: 'Bring the operation back and retry, or discard.',
  },
  KILLS_THE_GATEWAY: {
    class: 'permanent',
    means: 'The process died twice while this translation was at work.',
    remedy: 'Run it against a practice system; mend the adapter, then retry.',
  },
  // what became of a call
  IN_DOUBT: {
    class: 'ambiguous',
    means: 'A call that must happen once may or may not have happened.',
    remedy: 'Run the probe, or look in the system; then settle: happened, or did not.',
  },
  NO_ANSWER: {
    class: 'ambiguous',
    means: 'The request left and no answer came that can be trusted.',
    remedy: 'Nothing yet: the effect of the call decides what follows.',
  },
  FAULT_UNKNOWN: {
    class: 'ambiguous',
    means: 'The system answered with a fault that no table knows.',
    remedy: 'Add the fault to the adapter: refusal or not executed.',
  },
  REPLY_TIMEOUT: {
    class: 'ambiguous',
    means: 'The reply that was promised for later did not come in time.',
    remedy: 'Run the probe, or look in the system and settle by hand. A late reply still settles it.',
  },
  CORRELATION_TAKEN: {
    class: 'transient',
    means: 'Another open wait of this system has the same correlation.',
    remedy: 'Nothing: it goes on when that wait ends, and uses up no attempts; the message names the translation it is behind.',
  },
  NOT_EXECUTED: { class: 'transient', means: 'The system says that it did not carry out the request.', remedy: 'Nothing: it is tried again.' },
  UNREACHABLE: { class: 'transient', means: 'No connection to the system.', remedy: 'Nothing: it is tried again; see the state of the system.' },
  NO_SESSION: {
    class: 'transient',
    means: 'No session or connection of the pool was free in time.',
    remedy: 'Raise the pool size if it happens often.',
  },
  SYSTEM_UNAVAILABLE: {
    class: 'transient',
    means: 'The system is down, closed or held; the call did not leave.',
    remedy: 'Nothing: it goes on when the system is open again.',
  },
  STOPPING: { class: 'transient', means: 'The gateway is stopping; the call did not leave.', remedy: 'Nothing: it goes on after the start.' },
  RETRIES_EXHAUSTED: {
    class: 'permanent',
    means: 'Every attempt failed although the system answered others.',
    remedy: 'Look at the last attempt, mend the cause, then retry.',
  },
  // what is wrong with a system as a whole
  CREDENTIALS_REFUSED: {
    class: 'system',
    means: 'The system refused the credentials.',
    remedy: 'Put the right credentials in place, then resume the system.',
  },
  CERTIFICATE_REJECTED: {
    class: 'system',
    means: 'The certificate of the system cannot be trusted.',
    remedy: 'Renew it or configure its CA, then resume the system.',
  },
  HOST_KEY_REJECTED: {
    class: 'system',
    means: 'The host key of the system is unknown, revoked or has changed.',
    remedy: 'Compare the fingerprint with the owner of the system, put it in hostKeys, then resume the system.',
  },
  NO_COMMON_ALGORITHM: {
    class: 'system',
    means: 'The system offers no algorithm or protocol version that is allowed.',
    remedy: 'Have the system renewed, or allow the old algorithm by name, then resume the system.',
  },
  PROGRAM_MISSING: {
    class: 'system',
    means: 'A program that the transport needs is not installed.',
    remedy: 'Install the package that the message names, then resume the system.',
  },
  LAYOUT_MISSING: {
    class: 'system',
    means: 'A WSDL or layout of the system is missing or broken.',
    remedy: 'Put it in place, then resume the system.',
  },
  OPERATION_HELD: {
    class: 'system',
    means: 'Twenty translations in a row were parked with one code.',
    remedy: 'Mend the operation, then resume it.',
  },
  HELD_BY_OPERATOR: { class: 'system', means: 'A person holds the system.', remedy: 'Resume it when it is time.' },
  // files at a place
  PLACE_UNFIT: {
    class: 'system',
    means: 'A directory is missing, is none, lies on another file system or leads out of the place.',
    remedy: 'Create or correct the directory, then resume the system.',
  },
  PLACE_DENIED: {
    class: 'system',
    means: 'The user of the place has no right to do this in the directory.',
    remedy: 'Grant the right at the place, then resume the system.',
  },
  PLACE_FULL: {
    class: 'transient',
    means: 'The disk or the quota of the place is used up.',
    remedy: 'Make room at the place; it is tried again by itself.',
  },
  NAME_TAKEN: {
    class: 'permanent',
    means: 'A file of this name is there already and must not be replaced.',
    remedy: 'Compare both files; move the old one away and retry, or discard.',
  },
  FILE_MISSING: {
    class: 'permanent',
    means: 'There is no file of this name.',
    remedy: 'See who has taken it; retry when it is there again, or discard.',
  },
  FILE_DENIED: {
    class: 'permanent',
    means: 'This one file may not be read, or is no plain file.',
    remedy: 'Correct the file or its rights, then retry.',
  },
  FILE_CHANGED: {
    class: 'permanent',
    means: 'A file changed while it was being read.',
    remedy: 'See who still writes to it; bring its first content back and retry, or discard.',
  },
  SNAPSHOT_SUSPICIOUS: {
    class: 'permanent',
    means: 'A full extract has far fewer keys than the one before, or a key twice.',
    remedy: 'Compare both extracts; retry when this one is right, or discard.',
  },
  // the bus
  BUS_UNREACHABLE: {
    class: 'transient',
    means: 'No connection to the bus, or it takes no events now.',
    remedy: 'Nothing: the gateway connects again by itself; see the bus.',
  },
  BUS_REFUSED: {
    class: 'system',
    means: 'The bus refused the user, the virtual host or a right.',
    remedy: 'Correct user, password or rights at the bus; the gateway tries again by itself.',
  },
  BUS_INCOMPLETE: {
    class: 'system',
    means: 'An exchange or queue is missing at the bus, or is not of the kind that is needed.',
    remedy: 'Create it as the message says, or let the gateway declare it.',
  },
  // replies
  UNPUBLISHABLE: {
    class: 'permanent',
    means: 'The bus does not take this reply.',
    remedy: 'See what the bus says; mend the reply or the limit, then retry.',
  },
  // journal and races
  CHANGED: { class: 'permanent', means: 'Somebody else changed it first.', remedy: 'Look at it again, then decide.' },
  STALE_EPOCH: { class: 'system', means: 'Another gateway has taken over.', remedy: 'This process must stop.' },
  JOURNAL_LOCKED: { class: 'system', means: 'Another process has the journal open.', remedy: 'Stop it, or talk to it over its address.' },
  JOURNAL_FULL: { class: 'system', means: 'There is no room left for the journal.', remedy: 'Make room; intake goes on by itself.' },
  JOURNAL_BROKEN: { class: 'system', means: 'The journal cannot be read or written.', remedy: 'Check the disk; restore the file.' },
  JOURNAL_NEWER: { class: 'system', means: 'The journal was written by a newer version.', remedy: 'Run that version; schemas only go forward.' },
  BACKLOG_FULL: { class: 'transient', means: 'The backlog of the system is full.', remedy: 'Send again later.' },
  // what a person asked for
  CONFIG_INVALID: { class: 'permanent', means: 'The configuration has mistakes.', remedy: 'Mend every mistake in the list.' },
  NOT_FOUND: { class: 'permanent', means: 'There is nothing with this id.', remedy: 'Check the id.' },
  NOT_ALLOWED: { class: 'permanent', means: 'The token does not have the role for this.', remedy: 'Use a token with the role that is named.' },
  NOT_POSSIBLE: { class: 'permanent', means: 'What is asked does not fit the state it is in.', remedy: 'The message says what is possible.' },
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof codes;

/**
 * The only error that crosses a folder's border. The message says what was attempted, on which system, with which numbers;
 * it never holds a payload or a secret.
 */
export class GatehouseError extends Error {
  readonly code: Code;
  /** The code of the other side, verbatim: a SOAP fault code, an errno, a status. */
  readonly native: string | undefined;

  constructor(code: Code, message: string, options: { cause?: unknown; native?: string | undefined } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatehouseError';
    this.code = code;
    this.native = options.native;
  }

  get class(): FailureClass {
    return codes[this.code].class;
  }
}

/** An unknown throw is a defect and says so; a GatehouseError passes unchanged. */
export function asGatehouseError(thrown: unknown, code: Code = 'DEFECT'): GatehouseError {
  if (thrown instanceof GatehouseError) return thrown;
  const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `threw ${typeof thrown}`;
  return new GatehouseError(code, text, { cause: thrown });
}
