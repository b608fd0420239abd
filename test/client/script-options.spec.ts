/** @jest-environment jsdom */
import { jest } from '@jest/globals';
import { scriptOptions } from '../../src/client/script-options.js';

const URL = 'https://shop.example/session/client.js';

/** The options of a page with a script tag that has these attributes. */
function options(attributes = ''): ReturnType<typeof scriptOptions> {
  document.head.innerHTML = `<script type="module" src="/other.js"></script><script type="module" src="${URL}" ${attributes}></script>`;
  return scriptOptions(URL);
}

test('the routes are next to the script', () => {
  expect(options()).toMatchObject({ url: '/session/', dialog: true, forms: true });
  expect(scriptOptions('https://shop.example/api/auth/client.js').url).toBe('/api/auth/');
});

test('the tag is found also if an element of the page has the name "scripts"', () => {
  document.body.innerHTML = '<img name="scripts">';
  expect(options('data-dialog="off"')).toMatchObject({ dialog: false });
  document.body.innerHTML = '';
});

test('parts can be turned off', () => {
  expect(options('data-dialog="off" data-forms="off"')).toMatchObject({ dialog: false, forms: false });
});

test('pages can be kept at the end', () => {
  expect(options('data-when-ended="sign-in-here"')).toMatchObject({ whenEnded: 'sign-in-here' });
});

test('language, texts and origins are read', () => {
  expect(
    options(`data-lang="cy" data-strings='{"stay":"Aros"}' data-frame-origins="https://a.example https://b.example"`),
  ).toMatchObject({
    lang: 'cy',
    strings: { stay: 'Aros' },
    frameOrigins: ['https://a.example', 'https://b.example'],
  });
});

test('texts that are not JSON are reported, and the client starts in English', () => {
  const error = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(options('data-strings="{stay}"').strings).toBeUndefined();
  expect(error.mock.calls[0]![0]).toMatch('data-strings is not JSON');
  error.mockRestore();
});
