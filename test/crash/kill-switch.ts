/** Where the process dies: at the n-th call (from 1) of a port's method, before it, in the middle (called, not awaited), or after it resolved. */
export interface KillAt {
  readonly method: string;
  readonly n: number;
  readonly when: 'before' | 'during' | 'after';
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
      const n = (this.counts.get(method) ?? 0) + 1;
      this.counts.set(method, n);
      const when = this.#at !== null && this.#at.method === method && this.#at.n === n ? this.#at.when : null;
      if (when === 'before') die();
      const result = call(...args);
      if (when === 'during') die();
      if (when !== 'after') return result;
      if (result instanceof Promise) return result.then(die, die);
      return die();
    };
  }
}
