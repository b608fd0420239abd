/** A value or the promise of one. A value that is there at once needs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>;

/** Continues with `next` at once if `value` is there, and later if it is a promise. */
export function chain<T, R>(value: MaybePromise<T>, next: (value: T) => MaybePromise<R>): MaybePromise<R> {
  return isPromise(value) ? value.then(next) : next(value);
}

/** Calls `work`, and `failed` with what it throws, whether at once or later. */
export function attempt<T, F>(
  work: () => MaybePromise<T>,
  failed: (error: unknown) => MaybePromise<F>,
): MaybePromise<T | F> {
  try {
    const result = work();
    return isPromise(result) ? result.catch(failed) : result;
  } catch (error) {
    return failed(error);
  }
}

/** Whether `value` is still to come. */
export function isPromise<T>(value: MaybePromise<T>): value is Promise<T> {
  return typeof value === 'object' && typeof (value as Partial<Promise<T>> | null)?.then === 'function';
}
