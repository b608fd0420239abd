import { MemoryStore } from 'express-session';
import { ManualClock } from '../../../src/testing/index.js';
import { SECOND, startApp, stopApps } from '../../support/app.js';
import { SharedLedger } from '../../support/shared-ledger.js';

afterEach(stopApps);

/** Two instances of an application whose private page has a short idle limit. */
async function start() {
  const clock = new ManualClock();
  const ledger = new SharedLedger({ clock });
  const options = {
    ledger,
    idleTimeout: '1h',
    limitsFor: (req: { path: string }) => (req.path === '/feed' ? { idleTimeout: '5s' } : undefined),
  };
  const session = { store: new MemoryStore() };
  const [first, second] = [await startApp({ clock, options, session }), await startApp({ clock, options, session })];
  const browser = await first.signedIn();
  const [cookie] = (await browser.get('/me').expect(200)).request.cookies.split(';');
  const elsewhere = () => second.request.get('/feed').set('cookie', cookie as string);
  return { clock, browser, elsewhere };
}

test('a short limit on one instance ends nobody who is active under a long limit on another', async () => {
  const { clock, browser, elsewhere } = await start();
  for (let i = 0; i < 40; i += 1) {
    clock.advance(SECOND / 2);
    await browser.get('/me').expect(200, { user: 'alice' });
  }
  clock.advance(5 * SECOND - 1);
  await elsewhere().expect(200, { user: 'alice' });
});

test('a short limit ends a session at its time, although activity under a long limit was on another instance', async () => {
  const { clock, browser, elsewhere } = await start();
  for (let i = 0; i < 3; i += 1) {
    clock.advance(SECOND / 2);
    await browser.get('/me').expect(200, { user: 'alice' });
  }
  clock.advance(5 * SECOND);
  await elsewhere().expect(401, /idle/);
});
