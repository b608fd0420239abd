/** @jest-environment jsdom */
import { fill } from '../../../src/client/drafts/filling.js';
import type { Field } from '../../../src/client/ui/forms/field.js';

test.each([
  ['a field that nobody may change now', '<input readonly>', 'Vardo'],
  ['a field that is disabled', '<input disabled>', 'Vardo'],
  ['a disabled box', '<input type=checkbox disabled>', 'true'],
  ['radio buttons with a disabled choice', '<input type=radio name=port value=Vardo disabled>', 'Vardo'],
  ['a list without the choice', '<select><option>Oslo</select>', '["Vardo"]'],
  ['radio buttons without the choice', '<input type=radio name=port value=Oslo>', 'Vardo'],
])('%s is not filled in, and this is known', (_what, markup, content) => {
  document.body.innerHTML = markup;
  const field = document.body.firstElementChild as unknown as Field;
  const before = document.body.innerHTML;
  expect(fill(field, content)).toBe(false);
  expect(document.body.innerHTML).toBe(before);
});

test.each([
  ['a text', '<input>', 'Vardo'],
  ['a list', '<select><option>Oslo<option>Vardo</select>', '["Vardo"]'],
  ['radio buttons', '<input type=radio name=port value=Vardo>', 'Vardo'],
  ['a box', '<input type=checkbox>', 'true'],
  ['a box that has the content already', '<input type=checkbox>', 'false'],
  ['editable text', '<div contenteditable id=text></div>', '["Vardo"]'],
])('%s is filled in, and this is known', (_what, markup, content) => {
  document.body.innerHTML = markup;
  expect(fill(document.body.firstElementChild as unknown as Field, content)).toBe(true);
});

test('a choice is filled in if only another one is disabled', () => {
  document.body.innerHTML =
    '<form><input type=radio name=port value=Oslo disabled><input type=radio name=port value=Vardo></form>';
  const [first, second] = document.querySelectorAll('input');
  expect(fill(first as Field, 'Vardo')).toBe(true);
  expect(second!.checked).toBe(true);
});

test('a field with a class of its own is filled in', () => {
  class PortInput extends HTMLInputElement {}
  customElements.define('port-input', PortInput, { extends: 'input' });
  const field = document.createElement('input', { is: 'port-input' });
  expect(field).toBeInstanceOf(PortInput);
  fill(field as Field, 'Vardo');
  expect(field.value).toBe('Vardo');
});

test('a field is filled in past the setter that a framework has put on the element', () => {
  const field = document.createElement('input');
  const heard: string[] = [];
  Object.defineProperty(field, 'value', {
    get: () => Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')!.get!.call(field) as string,
    set(text: string) {
      heard.push(text);
    },
  });
  fill(field as Field, 'Vardo');
  expect(field.value).toBe('Vardo');
  expect(heard).toEqual([]);
});
