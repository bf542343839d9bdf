type Method = (...args: unknown[]) => unknown;

/** `of`, but for some methods: each is given the real one to call, and then what it is called with. */
export function altered<T extends object>(of: T, methods: Readonly<Record<string, (real: Method, ...args: unknown[]) => unknown>>): T {
  return new Proxy(of, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const real = value.bind(target) as Method;
      const change = typeof name === 'string' ? methods[name] : undefined;
      return change === undefined ? real : (...args: unknown[]) => change(real, ...args);
    },
  });
}
