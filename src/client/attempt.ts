/** What `work` returns; `undefined` if it throws, as a storage does that is blocked. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** Text as JSON; `undefined` if it is none. */
export function parse<T>(text: string | null | undefined): T | undefined {
  return attempt(() => JSON.parse(text ?? '') as T);
}
