import type { SessionData } from 'express-session';
import { MemoryStore } from 'express-session';
import { startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

/** Adds when a session was last written, as connect-mongo does with `touchAfter`. */
class DatingStore extends MemoryStore {
  override get(id: string, callback: (error: unknown, session?: SessionData | null) => void): void {
    super.get(id, (error: unknown, found?: SessionData | null) =>
      callback(error, found && Object.assign(found, { lastModified: new Date() })),
    );
  }
}

describe('a store that adds a field of its own to sessions', () => {
  test('does not make a visitor somebody whose session is tracked', async () => {
    const { browser, events } = await startApp({
      options: { identify: undefined },
      session: { store: new DatingStore(), saveUninitialized: true },
    });
    const visitor = browser();
    await visitor.get('/me').expect(200);
    const { headers } = await visitor.get('/me').expect(200);
    expect(headers['server-timing']).toBeUndefined();
    await visitor.get('/session/ping').expect(200, /"state":"anonymous"/);
    expect(events).toEqual([]);
  });
});
