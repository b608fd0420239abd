/**
 * Ids that a framework counts up, and that may be others in the next page view: of React (`:r1:`, `«r1»`, `_r_1_`, also
 * with words around them, as in `radix-:r1:`), Ember (`ember12`), Vuetify (`input-v-0`), PrimeVue (`pv_id_1`), Element Plus
 * (`el-id-1024-3`), react-select (`react-select-2-input`), and Radix, Headless UI, Angular Material and Ionic (`radix-3`,
 * `mat-input-3`). Any other id may name a row of a list, such as `v-7`, which Vue generates, too. Then a text must not
 * come back in another row.
 */
const GENERATED =
  /^(([a-z-]+-)?(:r\w+:|«r\w+»|_r_\w+_)(-[a-z-]+)?|(ember|radix-|input-v-|pv_id_|el-id-\d+-|react-select-|(headlessui|mat|cdk|ion)-[a-z-]+-)\d+(-input)?)$/i;

/** Whether a framework has generated this id, or the name of a group of radio buttons. */
export function isGenerated(id: string): boolean {
  return GENERATED.test(id);
}
