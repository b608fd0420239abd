import type { Request } from 'express';
import type { SessionData, Store } from 'express-session';
import { isAsyncFunction } from 'node:util/types';
import { noop } from '../../base/noop.js';

/** A store with the method `generate` that express-session adds. */
export type SessionStore = Store & Pick<Request['sessionStore'], 'generate'>;

/** A callback of stores and of express-session. It gets an error, and whatever else a store passes. */
export type Callback = (error?: unknown, ...others: unknown[]) => void;

/** The callback of `get`. It gets an error, the data of a session, or nothing. */
export type RowCallback = (error?: unknown, row?: SessionData | null, ...others: unknown[]) => void;

/** The methods of a store that are replaced when it is taken over. */
export const REPLACED = ['get', 'createSession', 'generate', 'set', 'touch', 'destroy', 'regenerate', 'clear'] as const;

export type ReplacedMethod = (typeof REPLACED)[number];

/** A method of a store, called with an explicit `this`. */
export type Method = (...args: unknown[]) => unknown;

/**
 * Passes the error of an asynchronous method to `failed`. If the method has already called back, the rejection comes
 * from the callback. It stays unhandled, as it would without this package.
 */
export function catchRejection(returned: unknown, isDone: () => boolean, failed: (error: unknown) => void): void {
  if (!(returned instanceof Promise)) return;
  returned.catch((error: unknown) => {
    if (isDone()) throw error;
    failed(error);
  });
}

/** How long a store may take for an operation that this package waits for, in milliseconds. */
const PATIENCE = 2000;
/** How often it is checked meanwhile. While the event loop is busy, no check happens: the answer may be there. */
const CHECKS = 10;

/** The store did not call back. */
export class StoreTimeoutError extends Error {
  override readonly name = 'StoreTimeoutError';
}

/**
 * Calls a method of a store and waits for it. A store may call back at once, later, twice or never, throw, or return
 * a promise that fails. A promise that is fulfilled is no answer, because some methods are asynchronous only in part. Time
 * during which the event loop is busy does not count.
 *
 * @throws StoreTimeoutError if the store has not called back after two seconds
 */
export function ask<T = unknown>(store: unknown, method: Method, ...args: unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    let checks = 0;
    const timer = setInterval(() => {
      checks += 1;
      if (checks === CHECKS) done(new StoreTimeoutError(`The session store did not call back within ${PATIENCE} ms`));
    }, PATIENCE / CHECKS).unref();
    const done = (error?: unknown, value?: unknown) => {
      clearInterval(timer);
      if (error) reject(error);
      else resolve(value as T);
    };
    try {
      const returned = Reflect.apply(method, store, [...args, done]);
      if (returned instanceof Promise) returned.catch(done);
    } catch (error) {
      done(error);
    }
  });
}

/**
 * Calls a method of a store, which may throw or reject, and may call back twice. An error that the callback throws is
 * not an error of the store.
 *
 * @param isAwaited whether the caller waits for the promise of the method, because it has given no callback
 */
export function call(
  store: unknown,
  method: Method,
  args: readonly unknown[],
  callback: Callback,
  isAwaited = false,
): void {
  let isDone = false;
  const done: Callback = (...results) => {
    if (isDone) return;
    isDone = true;
    callback(...results);
  };
  try {
    const returned = Reflect.apply(method, store, [...args, done]);
    catchRejection(returned, () => isDone, done);
    if (isAwaited && returned instanceof Promise) void returned.then(() => done(), noop);
  } catch (error) {
    if (isDone) throw error;
    done(error);
  }
}

/**
 * Calls back if there is a callback. Stores may be called without a callback. Then some of them return a promise, and
 * asynchronous methods always do.
 */
export function answering(
  own: Method,
  callback: Callback | undefined,
  work: (done: Callback) => void,
): Promise<void> | undefined {
  const hasCallback = typeof callback === 'function';
  if (hasCallback && !isAsyncFunction(own)) {
    work(callback);
    return undefined;
  }
  const answer = new Promise<void>((resolve, reject) =>
    work((...results) => {
      const [error] = results;
      if (error && !hasCallback) return reject(error);
      resolve();
      return callback?.(...results);
    }),
  );
  // Callers that wait get the error. For other callers, it must not end the process.
  answer.catch(() => undefined);
  return answer;
}
