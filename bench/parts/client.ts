import { bundle, gzipped } from '../../test/client/support/bundle.js';
import type { MousemoveResult } from '../client/mousemove.js';
import type { PingsTask } from '../client/pings.js';
import { pingsOfSessionSecurity } from '../models/django-session-security.js';
import { messagesOfIdleTimer } from '../models/react-idle-timer.js';
import { inChild } from '../support/child.js';
import { table } from '../support/table.js';

const TABS = [1, 5, 20];
const ENTRIES = {
  'what every page loads': 'auto',
  'the core: nothing visible, nothing between tabs': 'engine/core',
  'loaded when needed: fields, frames and windows': 'extras',
  'loaded when needed: signing in on the page': 'ui/sign-in-here/sign-in-here',
  'loaded when needed: drafts': 'drafts/drafts',
};

/** Measures the size of the client, the cost of a mouse move, and how often the client asks. */
export async function client(): Promise<void> {
  const sizes: string[][] = [];
  for (const [name, entry] of Object.entries(ENTRIES)) sizes.push([name, ...(await sizeOf(entry))]);
  console.log(`\n${table(['', 'minified', 'gzip -9'], sizes)}\n`);

  const { nanoseconds, version } = await inChild<object, MousemoveResult>('client/mousemove.ts', {});
  console.log(`A move of the mouse: ${nanoseconds.toFixed(0)} ns (${version})\n`);

  const rows: string[][] = [];
  for (const isActive of [true, false]) {
    const ours: number[] = [];
    for (const tabs of TABS) ours.push(await inChild<PingsTask, number>('client/pings.ts', { tabs, isActive }));
    const limits = { isActive, idleLimit: 900, warnBefore: 120 };
    const theirs = TABS.map((tabs) => pingsOfSessionSecurity({ tabs, ...limits }));
    const user = isActive ? 'active' : 'idle';
    rows.push(
      [`pings, ${user}: ours`, ...ours.map(String)],
      [`pings, ${user}: django-session-security (model)`, ...theirs.map(String)],
      [`pings, ${user}: react-idle-timer`, ...TABS.map(() => '0')],
    );
  }
  const messages = TABS.map((tabs) => messagesOfIdleTimer(tabs, 60, 200));
  rows.push(['messages to other tabs, active: react-idle-timer, syncTimers 200 (model)', ...messages.map(String)]);
  console.log(table(['in an hour', ...TABS.map((tabs) => `${tabs} tab${tabs > 1 ? 's' : ''}`)], rows));
}

async function sizeOf(entry: string): Promise<[string, string]> {
  const contents = await bundle(entry);
  return [`${contents.length} B`, `${gzipped(contents)} B`];
}
