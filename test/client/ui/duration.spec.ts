import { inFigures, inWords } from '../../../src/client/ui/duration.js';

describe('a duration', () => {
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

  test.each(['tlh', 'x', 'de_DE'])(
    'is in figures if the browser does not know the language, or it is none: %s',
    (lang) => {
      expect(inWords(90, lang)).toBe('1:30');
    },
  );
});
