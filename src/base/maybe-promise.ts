/** A value or a promise of it. A value that is available at once needs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** Calls `next` at once if `value` is available, or later if it is a promise. */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/**
 * Calls `work`, and then `done` with its value or `failed` with its error, at once or later. An error of `done` is not
 * passed to `failed`.
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

/** Whether `value` is a promise. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && typeof (value as Partial<Promise<T>> | null)?.then === 'function';
}
