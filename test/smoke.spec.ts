import { MINUTE, startApp, stopApps } from './support/app.js';
afterEach(stopApps);
test('smoke', async () => {
  const { signedIn, clock, events } = await startApp();
  const browser = await signedIn();
  await browser.get('/me').expect(200, { user: 'alice' });
  clock.advance(14 * MINUTE);
  console.log((await browser.get('/session/ping').expect(200)).body);
  console.log((await browser.get('/me').expect(200)).headers);
  clock.advance(15 * MINUTE);
  console.log((await browser.get('/session/ping').expect(200)).body);
  const r = await browser.get('/me');
  console.log(r.status, r.body, r.headers);
  console.log(events);
});
