import { MemoryLedger, SessionTimeoutOptionsError } from '../../src/index.js';
import { resolveSettings } from '../../src/options/resolve-settings.js';

function problemsOf(options: object): string {
  try {
    resolveSettings(options);
  } catch (error) {
    expect(error).toBeInstanceOf(SessionTimeoutOptionsError);
    return (error as SessionTimeoutOptionsError).problems.join('\n');
  }
  throw new Error('The options were accepted.');
}

/** Starts a new line, a colour of a terminal (two ways), and text from right to left. */
const FORGERY = 'a\n  - b\u001b[31m\u009b31m\u2028\u202e';

describe('the text of an error', () => {
  test.each<[string, object]>([
    ['the name of an option', { [FORGERY]: 1 }],
    ['a text', { redirectTo: FORGERY }],
    ['a symbol', { idleTimeout: Symbol(FORGERY) }],
    ['the name of a function', { ledger: Object.defineProperty(() => {}, 'name', { value: FORGERY }) }],
    ['the name of a class', { ledger: { constructor: { name: FORGERY } } }],
    ['a path', { passiveRoutes: [`/${FORGERY}{`] }],
    ['a reason', { messages: { [FORGERY]: 'x' } }],
  ])('is one line without control characters, whatever is in %s', (_where, options) => {
    expect(problemsOf(options)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  });

  test('of limitsFor is one line, too', () => {
    const { limitsFor } = resolveSettings({ limitsFor: () => ({ [FORGERY]: 1 }) as object });
    expect(() => limitsFor({} as never, undefined)).toThrow(/^[^\n]+\n {2}- [^\p{Cc}\p{Cf}\p{Zl}]+$/u);
  });

  const LONG = 'x'.repeat(100_000);

  test.each<[string, object, string]>([
    ['name', { [LONG]: 1 }, 'x…: is not an option; the options are'],
    ['text', { redirectTo: LONG }, 'x…"'],
    ['symbol', { idleTimeout: Symbol(LONG) }, 'x…'],
    ['class name', { ledger: { constructor: { name: LONG } } }, 'x…)'],
    ['path', { passiveRoutes: [`/${LONG}{`] }, 'x…", which is not a path of Express 5 (Unexpected end at index'],
    ['reason', { messages: { [LONG]: 'x' } }, 'x…"; the reasons are idle,'],
  ])('shortens a long %s', (_what, options, text) => {
    expect(problemsOf(options)).toContain(text);
    expect(problemsOf(options).length).toBeLessThan(1000);
  });

  test('does not show the contents of a function', () => {
    const client = Object.assign(() => {}, { password: 'secret' });
    const half = Object.assign(Object.create(new MemoryLedger()), { users: { ofUser: () => [] } });
    expect(problemsOf({ ledger: half })).toMatch(/^ledger: must be an ActivityLedger/);
    expect(problemsOf({ ledger: client })).toMatch(/must be an ActivityLedger, .* but is a function$/);
  });

  test('tells a wrong path once', () => {
    expect(problemsOf({ passiveRoutes: ['/feed{'] }).split('/feed{')).toHaveLength(2);
  });

  test('does not let class-validator replace what looks like its placeholders', () => {
    expect(problemsOf({ passiveRoutes: ['/$target{'] })).toContain('has "/\\u{24}target{", which is not a path');
    expect(problemsOf({ messages: { $property: 'x' } })).toContain('has an invalid entry for "\\u{24}property"');
    expect(problemsOf({ passiveRoutes: ['/$feed{'] })).toContain('has "/$feed{"');
  });

  const throwing = () => {
    throw new Error('not readable');
  };

  test.each<[string, object]>([
    ['has no prototype', Object.create(null)],
    ['has a constructor without a name', { constructor: {} }],
    ['has a constructor whose name is not text', { constructor: { name: Symbol('x') } }],
    ['has a constructor that throws', Object.defineProperty({}, 'constructor', { get: throwing })],
    ['is a proxy that throws', new Proxy({}, { get: throwing, has: throwing })],
  ])('names the option if its value %s', (_case, ledger) => {
    expect(problemsOf({ ledger })).toMatch(/^ledger: must be an ActivityLedger, .* but is an object$/);
    expect(problemsOf({ clock: ledger })).toMatch(/^clock: must be an object whose .* but is an object$/);
    expect(problemsOf({ passiveRoutes: [ledger] })).toMatch(/^passiveRoutes: has an object: paths begin with/);
  });

  test('says what a clock must be that is right only when asked again', () => {
    let time = NaN;
    const clock = {
      now: () => {
        const now = time;
        time = 1;
        return now;
      },
    };
    expect(problemsOf({ clock })).toMatch(/^clock: must be an object whose now\(\) returns milliseconds, but is/);
  });
});
