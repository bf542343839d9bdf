/** Which moment of the carrier's work a fault meets. */
const moments = {
  /** Half of the manifest is written, then the connection is cut. */
  'cut-upload': 'write',
  /** The disk is full: SSH_FX_FAILURE, as version 3 of SFTP has it. */
  full: 'write',
  /** The same with the status of later drafts, SSH_FX_NO_SPACE_ON_FILESYSTEM. */
  'no-space': 'write',
  /** The connection is cut when the rename arrives; it is not carried out. */
  'cut-before-rename': 'rename',
  /** The rename is carried out, and the connection is cut instead of an answer. */
  'cut-after-rename': 'rename',
  /** The same, and the carrier takes the manifest away at once, without waiting for its marker: looking finds neither name. */
  'taken-at-once': 'rename',
  /** SSH_FX_PERMISSION_DENIED. */
  denied: 'rename',
  /** The directory of the manifests is not there. */
  missing: 'directory',
  /** Every request is answered `ms` later. */
  slow: 'request',
  /** The reply file comes `ms` later. */
  'reply-late': 'reply',
  /** The reply file comes again, under its next number, with the same lines. */
  'reply-twice': 'reply',
  /** It also has a line about a shipment that nobody announced. */
  'reply-stranger': 'reply',
  /** Its trailer counts one line too many. `mend` sends it again as it should be. */
  'reply-wrong-trailer': 'reply',
  /** It is written under its name in two halves, `ms` apart; then its marker. */
  'reply-halves': 'reply',
  /** Its lines come in two files, `ms` apart. */
  'reply-split': 'reply',
  /** The whole manifest is refused: every shipment of it is rejected with M009. */
  'manifest-refused': 'manifest',
} as const;

export type CarrierFaultKind = keyof typeof moments;
export type CarrierMoment = (typeof moments)[CarrierFaultKind];
export const carrierFaultKinds = Object.keys(moments) as readonly CarrierFaultKind[];

export interface CarrierFault {
  readonly kind: CarrierFaultKind;
  readonly ms?: number;
  /** Only where the written bytes, the new name or the manifest contain this text. The rename of a marker is met with `marker` alone. */
  readonly matching?: string;
  /** How many times; once when not given. */
  times?: number;
}

/** What stands in front of the name of a marker, so that only a fault that asks for it meets one. */
export const ofMarker = 'marker ';

/** The faults that are set, in the order they were set. */
export class CarrierFaults {
  readonly #set: CarrierFault[] = [];

  add(fault: CarrierFault): void {
    this.#set.push({ times: 1, ...fault });
  }

  clear(): void {
    this.#set.length = 0;
  }

  get left(): number {
    return this.#set.length;
  }

  /** The first fault that fits this moment, counted as met. `text` is what `matching` is looked for in. */
  meet(moment: CarrierMoment, text: string): CarrierFault | undefined {
    const fault = this.#set.find(
      ({ kind, matching = '' }) => moments[kind] === moment && text.includes(matching) && text.startsWith(ofMarker) === matching.startsWith('marker'),
    );
    if (fault?.times !== undefined) {
      fault.times -= 1;
      if (fault.times <= 0) this.#set.splice(this.#set.indexOf(fault), 1);
    }
    return fault;
  }
}
