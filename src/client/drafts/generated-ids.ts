/**
 * Ids that a framework counts up, and that may be others in the next page view: of React (`:r1:`, `«r1»`, `_r_1_`, also
 * with words around them, as in `radix-:r1:`), Ember (`ember12`), and Radix, Headless UI and Angular Material (`radix-3`,
 * `mat-input-3`). Any other id may name a row of a list, such as `v-7`, which Vue generates, too. Then a text must not
 * come back in another row.
 */
const GENERATED = /^(([a-z-]+-)?(:r\w+:|«r\w+»|_r_\w+_)(-[a-z-]+)?|(ember|radix-|(headlessui|mat|cdk)-[a-z-]+-)\d+)$/i;

/** Whether a framework has generated this id. */
export function isGenerated(id: string): boolean {
  return GENERATED.test(id);
}
