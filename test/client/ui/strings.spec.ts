/** @jest-environment jsdom */
import { ENGLISH, type LanguageOptions, loadStrings, stringsFor } from '../../../src/client/ui/strings.js';

describe('the language', () => {
  afterEach(() => document.documentElement.removeAttribute('lang'));

  test('is that of the page if there are texts', () => {
    document.documentElement.lang = 'cy';
    expect(stringsFor({ strings: { stay: 'Aros' } })).toEqual({ ...ENGLISH, stay: 'Aros', lang: 'cy' });
  });

  test('is looked up with and without its region', () => {
    const strings = { ar: { stay: 'ابق' }, 'de-AT': { stay: 'Bleiben' } };
    expect(stringsFor({ lang: 'ar-EG', strings })).toMatchObject({ stay: 'ابق', lang: 'ar-EG' });
    expect(stringsFor({ lang: 'de-AT', strings })).toMatchObject({ stay: 'Bleiben', lang: 'de-AT' });
  });

  test('may have several parts, and be written with underscores', () => {
    expect(stringsFor({ lang: 'zh_Hans_CN', strings: { 'zh-Hans-CN': { stay: '保持登录' } } })).toMatchObject({
      stay: '保持登录',
      lang: 'zh-Hans-CN',
    });
  });

  test('is English, and is marked so, if there are no texts for it', () => {
    document.documentElement.lang = 'de';
    expect(stringsFor({})).toEqual({ ...ENGLISH, lang: 'en' });
    expect(stringsFor({ strings: { cy: { stay: 'Aros' } } })).toMatchObject({ stay: ENGLISH.stay, lang: 'en' });
  });

  test('keeps the region of an English page', () => {
    document.documentElement.lang = 'en-GB';
    expect(stringsFor({}).lang).toBe('en-GB');
  });
});

describe('a text that is left out with `undefined` stays as it is', () => {
  const without = { title: undefined, stay: undefined, signOut: 'Allgofnodi' } as object;

  test.each([
    ['in one map', without],
    ['in one map per language', { ar: undefined, cy: without }],
    ['with null, as in JSON', { title: null, signOut: 'Allgofnodi' }],
  ])('%s', (_where, strings) => {
    expect(stringsFor({ lang: 'cy', strings: strings as never })).toEqual({
      ...ENGLISH,
      signOut: 'Allgofnodi',
      lang: 'cy',
    });
  });

  test('and so do all of them if there is no map', () => {
    expect(stringsFor({ strings: null as never })).toEqual({ ...ENGLISH, lang: 'en' });
  });

  test('and one that is empty does not', () => {
    expect(stringsFor({ strings: { spoken: '' } }).spoken).toBe('');
  });
});

test('texts that come after the page has changed its language are not shown', async () => {
  const { fetch } = globalThis;
  let answer: (texts: object) => void = () => undefined;
  globalThis.fetch = (() =>
    new Promise((resolve) => {
      answer = (texts) => resolve({ ok: true, status: 200, json: async () => texts });
    })) as never;
  document.documentElement.lang = 'de';
  const late = loadStrings({}, '/session/');
  document.documentElement.lang = 'en';
  await loadStrings({}, '/session/');
  answer({ stay: 'Angemeldet bleiben' });
  await late;
  expect(stringsFor({})).toEqual({ ...ENGLISH, lang: 'en' });
  document.documentElement.removeAttribute('lang');
  globalThis.fetch = fetch;
});

test('a misspelt key is a type error, in one map and in one map per language', () => {
  const options: LanguageOptions[] = [
    { strings: { stay: 'Aros' } },
    { strings: { cy: { stay: 'Aros' }, ar: {} } },
    // @ts-expect-error -- the key is `stay`
    { strings: { sty: 'Aros' } },
    // @ts-expect-error -- the key is `stay`
    { strings: { stay: 'Aros', sty: 'Aros' } },
    // @ts-expect-error -- the key is `stay`
    { strings: { cy: { sty: 'Aros' } } },
  ];
  expect(options).toHaveLength(5);
});
