/** What {@link standStill} puts on `window`. */
export interface StandingClock {
  /** Lets the time of the page come to `time`, and does what becomes due. */
  advanceTo(time: number): void;
}

/**
 * Runs in a page, before its own scripts: its clocks and timers stand still, at the time of the tests. A page out of
 * some cache goes on at the time that another page has come to.
 */
export function standStill(time: number): void {
  const KEY = 'tests:time';
  interface Timer {
    due: number;
    readonly every: number | undefined;
    readonly run: () => void;
  }
  const timers = new Map<number, Timer>();
  let now = time;
  const catchUp = (): void => void (now = Math.max(now, Number(localStorage.getItem(KEY))));
  catchUp();
  addEventListener('pageshow', catchUp, true);
  const start = now;
  let count = 0;

  const set = (work: unknown, delay = 0, given: unknown[], repeats: boolean): number => {
    const run = (): void => void (work as (...given: unknown[]) => void)(...given);
    // Time has to go on between a timer and the next one that it sets.
    const wait = Math.max(Math.trunc(delay), 1);
    timers.set(++count, { due: now + wait, every: repeats ? wait : undefined, run });
    return count;
  };
  const clear = (id?: number): void => void timers.delete(Number(id));
  const real = performance;
  const shown = new Proxy(real, {
    get(_real, name) {
      if (name === 'now') return () => now - start;
      const value: unknown = Reflect.get(real, name);
      return typeof value === 'function' ? value.bind(real) : value;
    },
  });
  Object.defineProperty(window, 'performance', { value: shown });
  Date.now = () => now;
  Object.assign(window, {
    setTimeout: (work: unknown, delay?: number, ...given: unknown[]) => set(work, delay, given, false),
    setInterval: (work: unknown, delay?: number, ...given: unknown[]) => set(work, delay, given, true),
    clearTimeout: clear,
    clearInterval: clear,
    advanceTo(to: number) {
      for (;;) {
        const [next] = [...timers].filter(([, { due }]) => due <= to).toSorted(([, a], [, b]) => a.due - b.due);
        if (!next) break;
        const [id, timer] = next;
        now = Math.max(now, timer.due);
        if (timer.every) timer.due += timer.every;
        else timers.delete(id);
        timer.run();
      }
      now = Math.max(now, to);
      localStorage.setItem(KEY, String(now));
    },
  } satisfies StandingClock & Record<string, unknown>);
}
