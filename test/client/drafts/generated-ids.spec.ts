import { isGenerated } from '../../../src/client/drafts/generated-ids.js';

test.each([
  ':r1:',
  ':R2aH1:',
  '«r1»',
  '_r_1_',
  'radix-:r1:',
  'radix-_r_1_',
  ':r1:-form-item',
  'headlessui-dialog-panel-:r1:',
  'headlessui-menu-item-3',
  'radix-3',
  'ember123',
  'mat-input-3',
  'mat-mdc-form-field-12',
  'cdk-step-content-3',
  'mat-radio-2-input',
  'mat-radio-group-0',
  'ion-input-0',
  'input-v-0',
  'pv_id_1',
  'el-id-1024-3',
  'react-select-2-input',
])('a framework has generated %s', (id) => {
  expect(isGenerated(id)).toBe(true);
});

test.each([
  'ticket-7',
  'ticket-7-:r1:',
  'list:row:7',
  '7',
  'r7',
  'v-7',
  'input-7',
  'mat-7',
  'ember',
  'letter',
  '550e8400-e29b-41d4-a716-446655440000',
])('the id %s may name a row of a list', (id) => {
  expect(isGenerated(id)).toBe(false);
});
