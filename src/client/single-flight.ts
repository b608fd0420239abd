/** The longest a tab is believed to be asking. */
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
  const mine = `${Date.now() + LEASE} ${Math.random()}`;
  try {
    const left = parseFloat(localStorage.getItem(name) ?? '0') - Date.now();
    if (left > 0 && left <= LEASE) return false;
    localStorage.setItem(name, mine);
  } catch {
    // Without storage, every tab asks for itself.
  }
  try {
    await work();
  } finally {
    try {
      if (localStorage.getItem(name) === mine) localStorage.removeItem(name);
    } catch {
      // As above.
    }
  }
  return true;
}
