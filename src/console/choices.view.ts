/** A field of a declared reply, as a form asks for it. */
export interface ReplyField {
  readonly name: string;
  /** `json`: lists and objects. */
  readonly kind: 'text' | 'number' | 'yes or no' | 'one of' | 'json';
  readonly required: boolean;
  /** What it may be, when it is one of a few. */
  readonly oneOf: readonly (string | number)[];
}

/** A reply that the operation declares: a translation may be discarded with it. */
export interface DeclaredReply {
  readonly type: string;
  readonly fields: readonly ReplyField[];
}

/** A call in doubt, and whether anybody but a person can find out what became of it. */
export interface CallInDoubt {
  readonly seq: number;
  readonly name: string;
  readonly probe: boolean;
}

/** What a person may choose from when they decide on a translation. */
export interface ChoicesView {
  /** False: the adapter or its operation is no longer there. */
  readonly declared: boolean;
  readonly replies: readonly DeclaredReply[];
  readonly inDoubt: readonly CallInDoubt[];
}
