/** A value or the promise of one. A value that is there at once needs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** Continues with `next` at once if `value` is there, and later if it is a promise. */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/**
 * Calls `work`, and then either `done` with its value or `failed` with what it threw, whether at once or
 * later. What `done` throws is not passed to `failed`.
 */
export function attempt<T, R>(
  work: () => MaybePromise<T>,
  done: (value: T) => MaybePromise<R>,
  failed: (error: unknown) => MaybePromise<R>,
): MaybePromise<R> {
  let value: MaybePromise<T>;
  try {
    value = work();
  } catch (error) {
    return failed(error);
  }
  return isPromise(value) ? value.then(done, failed) : done(value);
}

/** Whether `value` is still to come. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && typeof (value as Partial<Promise<T>> | null)?.then === 'function';
}
