/** @jest-environment jsdom */
import { pageTitle } from '../../../src/client/ui/page-title.js';

beforeEach(() => {
  document.title = 'Inbox';
});

test('gives the title back', () => {
  const warning = pageTitle();
  warning.show('(1:30) About to end');
  warning.show('(1:29) About to end');
  expect(document.title).toBe('(1:29) About to end');
  warning.restore();
  expect(document.title).toBe('Inbox');
});

test('goes from the warning to the cover and back to the page', () => {
  const warning = pageTitle();
  const cover = pageTitle();
  warning.show('(0:01) About to end');
  cover.show('Checking');
  warning.restore();
  expect(document.title).toBe('Checking');
  cover.restore();
  expect(document.title).toBe('Inbox');
});

test('goes from the cover to the warning and back to the page', () => {
  const warning = pageTitle();
  const cover = pageTitle();
  cover.show('Checking');
  warning.show('(0:09) About to end');
  cover.restore();
  expect(document.title).toBe('(0:09) About to end');
  warning.restore();
  expect(document.title).toBe('Inbox');
});

test('gives the title back after a text with spaces that browsers leave out', () => {
  const warning = pageTitle();
  warning.show(' About  to end ');
  warning.show(' About  to end ');
  warning.restore();
  expect(document.title).toBe('Inbox');
});

test('keeps a title that the page has set in the meantime', () => {
  const warning = pageTitle();
  warning.show('(1:30) About to end');
  document.title = 'Inbox (1)';
  warning.restore();
  expect(document.title).toBe('Inbox (1)');
  warning.show('(1:29) About to end');
  warning.restore();
  expect(document.title).toBe('Inbox (1)');
});
