/** @jest-environment jsdom */
import { singleFlight } from '../../src/client/tabs/single-flight.js';
import { tabChannel, type TabMessage } from '../../src/client/tabs/tab-channel.js';

// jsdom has no locks and no channels: this is a browser on plain http, with storage only.
const message = { session: 'k3x9', answer: { state: 'anonymous' }, wall: 1000 };
beforeEach(() => localStorage.clear());

describe('single flight without locks', () => {
  test('one tab works at a time, and the next one after it', async () => {
    let finish!: () => void;
    const working = singleFlight('asking', () => new Promise<void>((resolve) => (finish = resolve)));
    expect(await singleFlight('asking', () => Promise.reject(new Error('not now')))).toBe(false);
    finish();
    expect(await working).toBe(true);
    expect(await singleFlight('asking', () => Promise.resolve())).toBe(true);
  });

  test.each([
    ['has crashed', () => Date.now() - 1],
    ['had its clock set back', () => Date.now() + 3_600_000],
  ])('a tab that %s holds nobody up', async (_name, until) => {
    localStorage.setItem('asking', String(until()));
    expect(await singleFlight('asking', () => Promise.resolve())).toBe(true);
  });

  test('without storage every tab works', async () => {
    const get = Storage.prototype.getItem;
    Storage.prototype.getItem = () => {
      throw new Error('SecurityError');
    };
    try {
      expect(await singleFlight('asking', () => Promise.resolve())).toBe(true);
    } finally {
      Storage.prototype.getItem = get;
    }
  });
});

describe('messages without channels', () => {
  /** What another tab would cause here. */
  const stored = (key: string, newValue: string | null) =>
    window.dispatchEvent(new StorageEvent('storage', { key, newValue }));

  test('arrive by way of the storage, until the channel is closed', () => {
    const heard: TabMessage[] = [];
    const channel = tabChannel('tabs', (message) => heard.push(message));
    channel.open();
    stored('tabs', JSON.stringify(message));
    expect(heard).toEqual([message]);
    channel.close();
    stored('tabs', JSON.stringify(message));
    expect(heard).toHaveLength(1);
  });

  test.each([null, '', 'nonsense', 'null'])('that are none (%j) are not heard', (text) => {
    const heard: TabMessage[] = [];
    const channel = tabChannel('tabs', (message) => heard.push(message));
    channel.open();
    stored('tabs', text);
    stored('something-else', JSON.stringify(message));
    expect(heard).toEqual([]);
    channel.close();
  });

  test('the last one can be recalled', () => {
    const channel = tabChannel('tabs', () => undefined);
    expect(channel.recall()).toBeUndefined();
    channel.tell(message);
    expect(channel.recall()).toEqual(message);
  });
});
