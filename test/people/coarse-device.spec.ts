import fc from 'fast-check';
import { coarseDevice } from '../../src/index.js';
import { startApp, stopApps } from '../support/app.js';

afterEach(stopApps);

const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)';
const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)';
const CHROME = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0';
const PIXEL = `Mozilla/5.0 (Linux; Android 10; K) ${CHROME}`;
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';
const IPAD = 'Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';

const device = (agent: string, hints: Record<string, string> = {}) =>
  coarseDevice({ headers: { 'user-agent': agent, ...hints } });

describe('coarseDevice()', () => {
  test.each([
    [`${WINDOWS} ${CHROME} Safari/537.36`, 'Chrome', 'Windows', 'desktop'],
    [`${WINDOWS} ${CHROME} Safari/537.36 Edg/140.0.0.0`, 'Edge', 'Windows', 'desktop'],
    [`${WINDOWS} ${CHROME} Safari/537.36 OPR/120.0.0.0`, 'Opera', 'Windows', 'desktop'],
    [`${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15`, 'Safari', 'macOS', 'desktop'],
    [`Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, 'Firefox', 'Linux', 'desktop'],
    [`Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${CHROME} Safari/537.36`, 'Chrome', 'ChromeOS', 'desktop'],
    [`${PIXEL} Mobile Safari/537.36`, 'Chrome', 'Android', 'mobile'],
    [`${PIXEL} Safari/537.36`, 'Chrome', 'Android', 'tablet'],
    [
      `${PIXEL.replace('Chrome', 'SamsungBrowser/28.0 Chrome')} Mobile Safari/537.36`,
      'Samsung Internet',
      'Android',
      'mobile',
    ],
    ['Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0', 'Firefox', 'Android', 'mobile'],
    [`${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`, 'Safari', 'iOS', 'mobile'],
    [`${IPHONE} CriOS/140.0 Mobile/15E148 Safari/604.1`, 'Chrome', 'iOS', 'mobile'],
    [`${IPHONE} FxiOS/140.0 Mobile/15E148 Safari/605.1.15`, 'Firefox', 'iOS', 'mobile'],
    [`${IPAD} Version/18.5 Mobile/15E148 Safari/604.1`, 'Safari', 'iPadOS', 'tablet'],
    ['curl/8.14.1', undefined, undefined, 'other'],
  ])('%s', (agent, browser, system, kind) => {
    expect(device(agent)).toEqual({ browser, system, kind });
  });

  test('prefers what Chromium says of itself to what it pretends to be', () => {
    const brave = {
      'sec-ch-ua': '"Not;A=Brand";v="99", "Brave";v="140", "Chromium";v="140"',
      'sec-ch-ua-mobile': '?0',
    };
    expect(device(`${WINDOWS} ${CHROME} Safari/537.36`, { ...brave, 'sec-ch-ua-platform': '"macOS"' })).toEqual({
      browser: 'Brave',
      system: 'macOS',
      kind: 'desktop',
    });
    const phone = {
      'sec-ch-ua': '"Google Chrome";v="140"',
      'sec-ch-ua-mobile': '?1',
      'sec-ch-ua-platform': '"Android"',
    };
    expect(device('Mozilla/5.0', phone)).toEqual({ browser: 'Chrome', system: 'Android', kind: 'mobile' });
  });

  test('knows nothing of a request that says nothing', () => {
    expect(coarseDevice({ headers: {} })).toBeUndefined();
  });

  test('returns only names of its own lists, whatever a client sends', () => {
    const names = ['Edge', 'Opera', 'Samsung Internet', 'Vivaldi', 'Brave', 'Firefox', 'Chrome', 'Safari'];
    const systems = ['iPadOS', 'iOS', 'Android', 'ChromeOS', 'Windows', 'macOS', 'Linux'];
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '<b>Chrome/1', 'Firefox/\r\n'), (text, known) => {
        const { browser, system, kind } = device(`x${text}${known}`, { 'sec-ch-ua': text }) ?? {};
        expect([undefined, ...names]).toContain(browser);
        expect([undefined, ...systems]).toContain(system);
        expect(['desktop', 'mobile', 'tablet', 'other']).toContain(kind);
      }),
    );
  });

  test('takes an agent of 64 kB for what it is', () => {
    expect(device(`${'x'.repeat(65_536)} Firefox/140.0`)).toEqual({
      browser: undefined,
      system: undefined,
      kind: 'other',
    });
  });

  test('is what the list of sessions shows, without address and agent', async () => {
    const { browser } = await startApp({ options: { describeDevice: coarseDevice } });
    const agent = `${WINDOWS} Gecko/20100101 Firefox/140.0 <script>alert(1)</script>`;
    const user = browser();
    await user.post('/login').set('User-Agent', agent).send({}).expect(201);
    const { body, text } = await user.get('/session/list').set('Sec-Fetch-Site', 'same-origin').expect(200);
    expect(body.sessions).toMatchObject([{ device: { browser: 'Firefox', system: 'Windows', kind: 'desktop' } }]);
    expect(text).not.toMatch(/script|127\.0\.0\.1|::1|140/);
  });
});
