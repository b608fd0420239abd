import { encodeSessionList } from '../../src/wire/session-list.js';

const sent = (...args: Parameters<typeof encodeSessionList>): unknown =>
  JSON.parse(JSON.stringify(encodeSessionList(...args)));

describe('the list of the sessions of a user', () => {
  test('has all durations in seconds', () => {
    const device = { browser: 'Firefox', system: 'Windows', kind: 'desktop' } as const;
    const phone = { id: 'b', current: false, age: 60_000, idleFor: 5500, authAge: Infinity, expiresIn: Infinity };
    const desktop = {
      id: 'a',
      current: true,
      age: 12_300.4,
      idleFor: 1000,
      authAge: 12_300,
      expiresIn: 899_000,
      device,
    };
    expect(sent(5, [desktop, phone])).toEqual({
      max: 5,
      sessions: [
        { id: 'a', current: true, age: 12.3, idleFor: 1, authAge: 12.3, expiresIn: 899, device },
        { id: 'b', current: false, age: 60, idleFor: 5.5, authAge: null, expiresIn: null },
      ],
    });
  });

  test('says nothing else about a session, whatever the server knows', () => {
    const info = { id: 'a', current: true, age: 0, idleFor: 0, authAge: 0, expiresIn: 1, sessionId: 'secret' };
    expect(JSON.stringify(sent(null, [info]))).not.toContain('secret');
  });

  test('may be empty and without a maximum', () => {
    expect(sent(null, [])).toEqual({ max: null, sessions: [] });
  });
});
