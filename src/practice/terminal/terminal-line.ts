/** One connection of a terminal, whatever carries it. */
export interface TerminalLine {
  readonly peer: string;
  readonly rows: number;
  readonly columns: number;
  /** Bytes written that the other side has not taken yet. */
  readonly backlog: number;
  /** Who is told what happens on it from here on. */
  serve(user: TerminalUser): void;
  write(bytes: Uint8Array): void;
  /** Says goodbye as the protocol does it, after what was written. */
  end(): void;
  /** Cuts it here and now, unsent bytes and all. */
  drop(): void;
  /** Reads and writes nothing from here on, without closing: what the other side sees when a host or a firewall dies. */
  freeze(): void;
}

/** What a line tells the session that uses it. */
export interface TerminalUser {
  received(bytes: Uint8Array): void;
  resized(): void;
  /** The other side has taken what was written. */
  drained(): void;
  closed(): void;
}
