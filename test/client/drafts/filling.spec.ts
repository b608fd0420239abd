/** @jest-environment jsdom */
import { fill } from '../../../src/client/drafts/filling.js';
import type { Field } from '../../../src/client/ui/forms/field.js';

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
