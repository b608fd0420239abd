/** How much work runs at the same time. */
const AT_ONCE = 20;

/**
 * Does work for each item, for a few of them at the same time. With thousands of items at once, a ledger could serve
 * nobody else.
 *
 * @returns the results in the order of the items
 * @throws the first error; the items that come later are left out
 */
export async function fewAtOnce<Item, T>(items: readonly Item[], work: (item: Item) => T): Promise<Awaited<T>[]> {
  const results: Awaited<T>[] = [];
  for (let start = 0; start < items.length; start += AT_ONCE) {
    // If work throws at once, nobody would wait for the work that began before it. An async function never throws.
    const begun = items.slice(start, start + AT_ONCE).map(async (item) => work(item));
    results.push(...(await Promise.all(begun)));
  }
  return results;
}
