/** Returns what `work` returns, or `undefined` if it throws. Blocked storage throws, for example. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Parses JSON. Returns `undefined` if the text is not JSON, and `null` for `null`. */
export function parse<T>(text: string | null | undefined): T | undefined {
  return attempt(() => JSON.parse(text as string) as T);
}
