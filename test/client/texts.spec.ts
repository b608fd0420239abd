/** @jest-environment jsdom */
import { inFigures, inWords } from '../../src/client/ui/duration.js';
import { announcements } from '../../src/client/ui/announcements.js';
import { ENGLISH, stringsFor } from '../../src/client/ui/strings.js';

describe('the language', () => {
  afterEach(() => document.documentElement.removeAttribute('lang'));

  test('is that of the page, where the texts are given', () => {
    document.documentElement.lang = 'cy';
    expect(stringsFor({ strings: { stay: 'Aros' } })).toEqual({ ...ENGLISH, stay: 'Aros', lang: 'cy' });
  });

  test('is looked up among several, by its region and without', () => {
    const strings = { ar: { stay: 'ابق' }, 'de-AT': { stay: 'Bleiben' } };
    expect(stringsFor({ lang: 'ar-EG', strings })).toMatchObject({ stay: 'ابق', lang: 'ar-EG' });
    expect(stringsFor({ lang: 'de-AT', strings })).toMatchObject({ stay: 'Bleiben', lang: 'de-AT' });
  });

  test('is English, and says so, where there are no texts', () => {
    document.documentElement.lang = 'de';
    expect(stringsFor({})).toEqual({ ...ENGLISH, lang: 'en' });
    expect(stringsFor({ strings: { cy: { stay: 'Aros' } } })).toMatchObject({ stay: ENGLISH.stay, lang: 'en' });
  });

  test('keeps the kind of English the page has', () => {
    document.documentElement.lang = 'en-GB';
    expect(stringsFor({}).lang).toBe('en-GB');
  });
});

describe('a length of time', () => {
  test.each([
    [90, '1:30'],
    [60, '1:00'],
    [9, '0:09'],
  ])('%d s in figures is %s', (seconds, text) => {
    expect(inFigures(seconds)).toBe(text);
  });

  test.each([
    ['en', 90, /^1 minute,? 30 seconds$/],
    ['en', 60, /^1 minute$/],
    ['en', 20, /^20 seconds$/],
    ['de', 90, /^1 Minute(,| und)? 30 Sekunden$/],
  ])('in words in %s: %d s', (lang, seconds, text) => {
    expect(inWords(seconds, lang)).toMatch(text);
  });

  test('is in figures where the browser does not know the language', () => {
    expect(inWords(90, 'tlh')).toBe('1:30');
  });
});

describe('speech', () => {
  /** What is said over a countdown, as pairs of what was left and what was said. */
  function said(from: number, step = 1): [number, number][] {
    const next = announcements();
    const told: [number, number][] = [];
    for (let left = from; left >= 0; left -= step) {
      const seconds = next(left);
      if (seconds !== undefined) told.push([left, seconds]);
    }
    return told;
  }

  test('begins at once and goes on at the marks', () => {
    expect(said(118).map(([left]) => left)).toEqual([118, 60, 30, 20, 10]);
    expect(said(299).map(([left]) => left)).toEqual([299, 120, 60, 30, 20, 10]);
  });

  test('is silent once no whole second is left', () => {
    expect(announcements()(0)).toBeUndefined();
  });

  test('leaves out a mark that comes right after the beginning', () => {
    expect(said(62).map(([left]) => left)).toEqual([62, 30, 20, 10]);
  });

  test.each([1, 3, 7])('never says more than is left, with a tick of %d s', (step) => {
    for (let from = 1; from <= 300; from++) {
      const told = said(from, step);
      for (const [left, seconds] of told) expect(seconds).toBeLessThanOrEqual(left);
      expect(told.length).toBeLessThanOrEqual(6);
    }
  });
});
