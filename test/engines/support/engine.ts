/** Keys that have names. A letter stands for itself. */
export type Key = 'Enter' | 'Escape' | 'Tab' | 'Shift+Tab' | 'Space' | 'Delete' | 'Backspace' | 'a';

/** One tab of a browser, used like a person does. It comes to the front when it is used. */
export interface Tab {
  /** Goes to a page and waits until it has loaded. */
  goto(url: string): Promise<void>;
  /** Runs a function in the page. It knows nothing of the scope around it, and its result has to be JSON. */
  evaluate<T, A extends unknown[]>(work: string | ((...given: A) => T | Promise<T>), ...given: A): Promise<T>;
  /** Presses a key and lets it go, perhaps after something else. */
  press(key: Key, meanwhile?: () => Promise<unknown>): Promise<void>;
  type(text: string): Promise<void>;
  move(x: number, y: number): Promise<void>;
  click(x: number, y: number): Promise<void>;
  /** Brings the tab to the front. */
  show(): Promise<void>;
  /** Tries to leave the page for `url`; says whether the browser asks first. If it does, the page stays. */
  asksBefore(url: string): Promise<boolean>;
  /** What is painted, as PNG in base64. */
  screenshot(): Promise<string>;
  /** Closes the tab. */
  close(): Promise<void>;
}

/** The browser of somebody: its tabs share cookies and storage, and nothing with others. */
export interface Profile {
  newTab(): Promise<Tab>;
  close(): Promise<void>;
}

/** A browser that can be driven. */
export interface Engine {
  readonly name: string;
  readonly isInstalled: boolean;
  /** What Debian calls it. */
  readonly packages: string;
  /** Whether it keeps pages for Back. Not every Chromium does. */
  readonly keepsPages: boolean;
  /** Opens the browser of somebody, and starts the engine if it does not run. */
  open(): Promise<Profile>;
  /** Stops the engine, if it runs. */
  stop(): Promise<void>;
}

/** A function with its arguments, as the text of a function without any that returns JSON. */
export function asScript(work: string | ((...given: never[]) => unknown), given: readonly unknown[]): string {
  const call = typeof work === 'string' ? work : `(${work.toString()})(...${JSON.stringify(given)})`;
  return `async () => JSON.stringify((await (${call})) ?? null)`;
}
