/** @jest-environment jsdom */
import { jest } from '@jest/globals';
import { guardForms } from '../../../../src/client/ui/forms/unsaved-forms.js';

let stop: () => void;
beforeEach(() => {
  document.body.innerHTML = `<form><input id="text" value="a"><textarea id="area">b</textarea>
    <input id="box" type="checkbox"><select id="select"><option selected>1<option>2</select></form>
    <input id="loose"><div id="editor" contenteditable></div>`;
  stop = guardForms();
});
afterEach(() => stop());

const field = (id: string) => document.getElementById(id) as HTMLInputElement;
const typed = (id: string) => field(id).dispatchEvent(new Event('input', { bubbles: true }));

/** Whether the browser would ask before the page is left. */
function asks(): boolean {
  return !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
}

test('does not ask if nothing was typed', () => {
  expect(asks()).toBe(false);
});

test('asks in a way that older browsers know, too', () => {
  const event = new Event('beforeunload', { cancelable: true });
  Object.defineProperty(event, 'returnValue', { value: '', writable: true });
  field('text').value = 'changed';
  typed('text');
  window.dispatchEvent(event);
  expect(event.returnValue).toBe(true);
});

test.each([
  ['text', () => (field('text').value = 'changed')],
  ['area', () => (field('area').value = 'changed')],
  ['box', () => (field('box').checked = true)],
  ['loose', () => (field('loose').value = 'changed')],
  ['editor', () => (field('editor').textContent = 'changed')],
])('asks after a change in %s', (id, change) => {
  change();
  typed(id);
  expect(asks()).toBe(true);
});

test('asks after a change in a select, unless that sends its form at once', () => {
  (field('select') as unknown as HTMLSelectElement).selectedIndex = 1;
  typed('select');
  expect(asks()).toBe(false);
  const now = performance.now();
  jest.spyOn(performance, 'now').mockReturnValue(now + 2000);
  expect(asks()).toBe(true);
  jest.restoreAllMocks();
});

test('asks about a field whose default a library changes with what is typed', () => {
  field('text').dispatchEvent(new Event('focusin', { bubbles: true }));
  field('text').defaultValue = field('text').value = 'changed';
  typed('text');
  expect(asks()).toBe(true);
  field('text').defaultValue = field('text').value = 'a';
  expect(asks()).toBe(false);
});

test('asks about such a field also if it had the focus before the page was guarded', () => {
  field('text').dispatchEvent(new Event('beforeinput', { bubbles: true }));
  field('text').defaultValue = field('text').value = 'changed';
  typed('text');
  expect(asks()).toBe(true);
});

test('does not ask after the change was undone', () => {
  field('text').value = 'changed';
  typed('text');
  field('text').value = 'a';
  typed('text');
  expect(asks()).toBe(false);
});

test('does not ask about a form that is being sent, unless a script has prevented that', () => {
  const form = document.querySelector('form')!;
  const submit = () => form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  field('text').value = 'changed';
  typed('text');
  const prevent = (event: Event) => event.preventDefault();
  form.addEventListener('submit', prevent);
  submit();
  expect(asks()).toBe(true);
  form.removeEventListener('submit', prevent);
  submit();
  expect(asks()).toBe(false);
});

test('does not ask about a form that was reset', async () => {
  field('text').value = 'changed';
  typed('text');
  document.querySelector('form')!.reset();
  await new Promise((resolve) => setTimeout(resolve));
  expect(asks()).toBe(false);
});

test('does not ask about fields that were removed from the page', () => {
  field('text').value = 'changed';
  typed('text');
  document.querySelector('form')!.remove();
  expect(asks()).toBe(false);
});

test('does not ask once it is stopped', () => {
  field('text').value = 'changed';
  typed('text');
  stop();
  expect(asks()).toBe(false);
});
