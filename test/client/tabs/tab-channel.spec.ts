/** @jest-environment jsdom */
import { tabChannel, type TabMessage } from '../../../src/client/tabs/tab-channel.js';

const message = { session: 'k3x9', answer: { state: 'anonymous' }, wall: 1000 };
beforeEach(() => localStorage.clear());

describe('messages', () => {
  /** What another tab would cause here. */
  const stored = (key: string, newValue: string | null) =>
    window.dispatchEvent(new StorageEvent('storage', { key, newValue }));

  test('arrive through the storage until the channel is closed', () => {
    const heard: TabMessage[] = [];
    const channel = tabChannel('tabs', (message) => heard.push(message));
    stored('tabs', JSON.stringify(message));
    expect(heard).toEqual([message]);
    channel.close();
    stored('tabs', JSON.stringify(message));
    expect(heard).toHaveLength(1);
  });

  test.each([null, '', 'nonsense', 'null'])('are ignored if they are malformed (%j)', (text) => {
    const heard: TabMessage[] = [];
    const channel = tabChannel('tabs', (message) => heard.push(message));
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
