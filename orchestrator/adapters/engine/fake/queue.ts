/** Values from one side, read once by the other, in order, however late. */
export interface Queue<T> {
  readonly values: AsyncIterable<T>;
  push(value: T): void;
  /** No more values; those that wait are still read. */
  end(): void;
  /** The same, but reading past the last value throws. */
  fail(error: unknown): void;
}

export function queue<T>(): Queue<T> {
  const waiting: T[] = [];
  let finish: { readonly error: unknown } | null = null;
  let wake: () => void = () => {};

  function close(error: unknown): void {
    finish ??= { error };
    wake();
  }

  async function* read(): AsyncGenerator<T> {
    for (;;) {
      const value = waiting.shift();
      if (value !== undefined) yield value;
      else if (finish === null) await new Promise<void>((resolve) => (wake = resolve));
      else if (finish.error === null) return;
      else throw finish.error;
    }
  }

  return {
    values: { [Symbol.asyncIterator]: read },
    push(value) {
      if (finish === null) waiting.push(value);
      wake();
    },
    end: () => close(null),
    fail: (error) => close(error),
  };
}
