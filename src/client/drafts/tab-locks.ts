/** Shows which tabs are open. Each tab holds a lock with its name while it has drafts. */
export function tabLocks(own: string, tab: string) {
  const prefix = `session-draft:${own}:`;
  let release: (() => void) | undefined;
  return {
    /**
     * Keeps other tabs from taking over the drafts of this tab. Browsers do not keep pages with a lock for the Back
     * button.
     */
    hold(): void {
      if (release) return;
      const done = new Promise<void>((resolve) => (release = resolve));
      void navigator.locks.request(prefix + tab, { ifAvailable: true }, () => done);
    },

    release(): void {
      release?.();
      release = undefined;
    },

    /** Runs `work` in one tab after another. Passes it a function that tells whether a tab is open. */
    inTurn<T>(work: (isOpen: (tab: string) => boolean) => Promise<T>): Promise<T> {
      return navigator.locks.request(`${prefix}turn`, {}, async () => {
        const { held = [] } = await navigator.locks.query();
        const open = new Set(held.map(({ name }) => name));
        // This tab may wait for its own lock.
        open.add(prefix + tab);
        return work((other) => open.has(prefix + other));
      });
    },
  };
}

/** The tab of a draft with this name. */
export function tabOf(name: string): string {
  return name.replace(/\..*/, '');
}
