import { ENGLISH_DRAFTS } from '../../../src/client/drafts/strings.js';
import { ENGLISH as BASIC } from '../../../src/client/ui/strings.js';
import { SIGN_IN_ENGLISH } from '../../../src/client/ui/sign-in-here/strings.js';
import { inWords } from '../../../src/client/ui/duration.js';
import { texts, textsFor } from '../../../src/ping/texts/texts.js';

const ENGLISH = { ...BASIC, ...ENGLISH_DRAFTS };
const OFFICIAL_IN_THE_EU = 'bg cs da de el es et fi fr ga hr hu it lt lv mt nl pl pt ro sk sl sv'.split(' ');
const MORE = 'ar cy he hi ja ko tr uk zh'.split(' ');
/** `closeWindow` is a text of the server. */
const IN_ENGLISH: Record<string, string> = {
  ...ENGLISH,
  ...SIGN_IN_ENGLISH,
  closeWindow: 'You can close this window now.',
};
const TO_THE_LEFT = /^(ar|he)$/;

test('there are texts in all official languages of the EU, and in more', () => {
  expect(Object.keys(texts)).toEqual(expect.arrayContaining([...OFFICIAL_IN_THE_EU, ...MORE]));
});

describe.each(Object.entries(texts))('%s', (lang, own) => {
  test('has every text, none of them English', () => {
    expect(Object.keys(own).toSorted()).toEqual(Object.keys(IN_ENGLISH).toSorted());
    for (const [name, text] of Object.entries(own)) {
      expect(text.trim()).not.toBe('');
      expect(text).not.toBe(IN_ENGLISH[name]);
    }
  });

  test('has the time where it belongs, and nowhere else', () => {
    for (const [name, text] of Object.entries(own)) {
      expect(text.split('{time}')).toHaveLength(/left|spoken/.test(name) ? 2 : 1);
      expect(text.replace('{time}', '')).not.toMatch(/[{}<>&]/);
    }
  });

  test('begins in the direction of its script', () => {
    const isToTheLeft = /^[^\p{L}]*[\p{Script=Arabic}\p{Script=Hebrew}]/u;
    for (const text of Object.values(own)) {
      expect(isToTheLeft.test(text.replace('{time}', ''))).toBe(TO_THE_LEFT.test(lang));
    }
  });

  test('is a language that browsers know', () => {
    expect(Intl.getCanonicalLocales(lang)).toEqual([lang]);
    if (Intl.NumberFormat.supportedLocalesOf(lang)[0]) expect(inWords(90, lang)).not.toBe('1:30');
  });
});

test.each([
  ['de-AT', 'de'],
  ['PT-br', 'pt'],
  ['zh-hant-TW', 'zh-Hant'],
  ['zh-Hans-CN', 'zh'],
  ['tlh', undefined],
  ['', undefined],
  ['constructor', undefined],
])('the texts for %j are those for %j', (lang, found) => {
  expect(textsFor(lang)).toBe(found === undefined ? undefined : texts[found]);
});
