/** Longer text is no mistyped name, and comparing it would take long. */
const LONGEST = 50;

/**
 * Returns the text that somebody probably meant who wrote `given`: at most a third of its letters are wrong. The case of
 * letters does not count.
 */
export function nearestText(given: string, texts: readonly string[]): string | undefined {
  if (given.length > LONGEST) return undefined;
  let nearest: string | undefined;
  let fewest = Math.floor(given.length / 3) + 1;
  for (const text of texts) {
    const edits = editsBetween(given.toLowerCase(), text.toLowerCase());
    if (edits < fewest) [nearest, fewest] = [text, edits];
  }
  return nearest;
}

/** How many letters have to be added, removed or replaced to make one text of another (Levenshtein distance). */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i += 1) {
    const next = [i];
    for (let k = 1; k <= other.length; k += 1) {
      const replaced = (row[k - 1] as number) + (one[i - 1] === other[k - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[k] as number) + 1, (next[k - 1] as number) + 1));
    }
    row = next;
  }
  return row[other.length] as number;
}
