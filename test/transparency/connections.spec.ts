import { answerNames } from './support/answers.js';
import { type SessionKind, Visitor } from './support/exchange.js';
import { askOverHttp2, startHttp2Proxy, type Http2Proxy } from './support/http2-proxy.js';
import { add, inTime } from './support/run.js';
import { startTwins, type Twins } from './support/twins.js';

/** Those that keep the connection. */
const whole = answerNames.filter((name) => name !== 'give-up' && name !== 'throw-after-headers');
const ACTS = ['nothing', 'change', 'save', 'touch', 'reload', 'null'];

describe('pipelined requests of HTTP/1.1', () => {
  let twins: Twins;

  beforeAll(async () => {
    twins = await startTwins();
  });

  afterAll(() => twins.close());

  test.each<SessionKind>(['none', 'basket', 'at work'])(
    'get the same answers in the same order (%s)',
    async (session) => {
      const result = { compared: 0, unexpected: [] as string[], met: new Set<string>() };
      const visitors = [new Visitor(twins.withUs), new Visitor(twins.without)] as const;
      for (const act of ACTS) {
        // Each batch does one thing first, and then answers in many ways, all without waiting for an answer.
        const requests = [`/own/json/${act}`, ...whole.map((answer) => `/own/${answer}/nothing`)].map((path, i) => ({
          method: i % 7 === 6 ? 'HEAD' : 'GET',
          path,
        }));
        const played = Promise.all(visitors.map((visitor) => visitor.pipeline(session, requests)));
        const [withUs, without] = await inTime(`pipeline after ${act}`, played);
        const [first] = requests as [(typeof requests)[number]];
        add(result, {
          scenario: { ...first, session },
          options: {},
          withUs: withUs as never,
          without: without as never,
        });
      }
      for (const visitor of visitors) visitor.close();
      expect(result.unexpected).toEqual([]);
      expect(result.compared).toBe(ACTS.length);
    },
  );
});

describe('HTTP/2 through a proxy', () => {
  let twins: Twins;
  let proxies: [Http2Proxy, Http2Proxy];

  beforeAll(async () => {
    twins = await startTwins({ session: () => ({ proxy: true, cookie: { secure: true, sameSite: 'none' } }) });
    proxies = [await startHttp2Proxy(twins.withUs.port), await startHttp2Proxy(twins.without.port)];
  });

  afterAll(async () => {
    for (const proxy of proxies) await proxy.close();
    await twins.close();
  });

  /** What a browser sees, without what differs by chance and what the docs promise. */
  const seen = ({ headers, body }: Awaited<ReturnType<typeof askOverHttp2>>[number]) => {
    const { date: _date, 'server-timing': timing, ...others } = headers;
    const cookies = others['set-cookie']?.map((cookie) =>
      cookie.replace(/=s%3A[^;]+|=\w{3}, \d\d [^;]+ GMT/, '=<by chance>'),
    );
    const rest = String(timing ?? '').replace(/(?:, )?session;dur=\d+;desc="[^"]+"/, '');
    return { ...others, 'set-cookie': cookies, 'server-timing': rest, body: body.toString('latin1') };
  };

  test.each([undefined, 'basket', 'sign-in'])(
    'gives the same answers to many streams at once (%s)',
    async (prepared) => {
      const paths = [...whole.map((answer) => `/own/${answer}/nothing`), '/who', '/files/answer.txt', '/nowhere'];
      const answers = await Promise.all(
        proxies.map(async ({ port }) => {
          const ask = (method: string, path: string, headers = {}) => ({
            ':method': method,
            ':path': path,
            ':authority': 'site.example',
            'x-trace': `http2 ${port} ${path}`,
            ...headers,
          });
          const [first] = prepared === undefined ? [] : await askOverHttp2(port, [ask('POST', `/${prepared}`)]);
          const cookie = first?.headers['set-cookie']?.[0]?.split(';', 1)[0];
          expect(cookie === undefined).toBe(prepared === undefined);
          const given = cookie === undefined ? {} : { cookie };
          return (
            await askOverHttp2(
              port,
              paths.map((path) => ask('GET', path, given)),
            )
          ).map(seen);
        }),
      );
      expect(answers[0]).toEqual(answers[1]);
      expect(answers[0]).toHaveLength(paths.length);
    },
  );
});
