/** Where the process dies: at the n-th call (from 1) of a port's method, before it, in the middle (called, not awaited), or after it resolved. */
export interface KillAt {
  readonly method: string;
  readonly n: number;
  readonly when: 'before' | 'during' | 'after';
  /** Counts only calls that have an argument which reads as a text with this in it: the path of a file. */
  readonly about?: string;
}

/** Dies like a power cut: nothing after this line runs. */
function die(): never {
  process.kill(process.pid, 'SIGKILL');
  for (;;);
}

/** Wraps ports so that each call of a method is counted, and one of them kills the process. */
export class KillSwitch {
  readonly counts = new Map<string, number>();
  readonly #at: KillAt | null;
  #about = 0;

  constructor(at: KillAt | null) {
    this.#at = at;
  }

  wrap<T extends object>(port: string, target: T): T {
    const wrapped = new Map<PropertyKey, unknown>();
    return new Proxy(target, {
      get: (object, property) => {
        const value: unknown = Reflect.get(object, property, object);
        if (typeof value !== 'function') return value;
        if (!wrapped.has(property)) wrapped.set(property, this.#method(`${port}.${String(property)}`, value.bind(object)));
        return wrapped.get(property);
      },
    });
  }

  #method(method: string, call: (...args: unknown[]) => unknown): (...args: unknown[]) => unknown {
    return (...args) => {
      const when = this.#deadly(method, args);
      if (when === 'before') die();
      const result = call(...args);
      if (when !== null && isStream(result)) return dyingStream(result, when);
      if (when === 'during') die();
      if (when !== 'after') return result;
      if (result instanceof Promise) return result.then(die, die);
      return die();
    };
  }

  #deadly(method: string, args: readonly unknown[]): KillAt['when'] | null {
    const n = (this.counts.get(method) ?? 0) + 1;
    this.counts.set(method, n);
    const at = this.#at;
    if (at === null || at.method !== method) return null;
    const { about } = at;
    if (about === undefined) return at.n === n ? at.when : null;
    if (!args.some((arg) => String(arg).includes(about))) return null;
    this.#about += 1;
    return at.n === this.#about ? at.when : null;
  }
}

const isStream = (result: unknown): result is AsyncIterable<unknown> =>
  typeof result === 'object' && result !== null && Symbol.asyncIterator in result;

/** Dies at the first piece, or when the last one has been taken. */
async function* dyingStream(stream: AsyncIterable<unknown>, when: KillAt['when']): AsyncGenerator<unknown> {
  try {
    for await (const piece of stream) {
      if (when === 'during') die();
      yield piece;
    }
  } finally {
    die();
  }
}
