/** How many sessions of a user are judged or ended at the same time. */
const AT_ONCE = 20;

/**
 * Does work for each key, for a few of them at the same time. A robot may have thousands of sessions, and the ledger
 * has to answer the requests of others meanwhile.
 *
 * @returns the results in the order of the keys
 * @throws the first error; the keys that come later are left out
 */
export async function fewAtOnce<T>(keys: readonly string[], work: (key: string) => T): Promise<Awaited<T>[]> {
  const results: Awaited<T>[] = [];
  for (let start = 0; start < keys.length; start += AT_ONCE) {
    // If work throws at once, nobody would wait for the work that began before it. An async function never throws.
    const begun = keys.slice(start, start + AT_ONCE).map(async (key) => work(key));
    results.push(...(await Promise.all(begun)));
  }
  return results;
}
