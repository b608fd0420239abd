import { storage } from './storage.js';

/** The longest a tab is believed to be asking, in milliseconds. */
const LEASE = 5000;

/**
 * Runs `work` unless another tab is at the same; only for as long as it takes, so that no tab leads
 * the others and none that froze holds them up for good. Where the browser has no locks (plain
 * http), a note in the storage does; where it has no storage either, every tab works.
 *
 * @returns whether it was run
 */
export async function singleFlight(name: string, work: () => Promise<unknown>): Promise<boolean> {
  if ('locks' in navigator) {
    return navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
      if (lock) await work();
      return lock !== null;
    });
  }
  const left = Number(storage.get(name)) - Date.now();
  if (left > 0 && left <= LEASE) return false;
  const until = String(Date.now() + LEASE);
  storage.set(name, until);
  await work();
  if (storage.get(name) === until) storage.set(name, '');
  return true;
}
