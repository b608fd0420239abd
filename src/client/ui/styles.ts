/**
 * `&` stands for a dialog. `medium` is the size that the user prefers, while `rem` depends on the page. A page sets the
 * colours as custom properties on `.session-timeout`.
 */
const RULES = `
&,& *{all:revert;pointer-events:auto}
&{box-sizing:border-box;width:min(32em,100%);padding:1.5em;border:1px solid;border-radius:.5em;background:var(--session-background,Canvas);color:var(--session-text,CanvasText);font:medium/1.5 system-ui}
&::backdrop{background:#0009}
& [role=alert]{font-weight:bold}
& [role=status]{position:fixed;clip-path:inset(50%)}
& div{display:flex;flex-wrap:wrap;gap:.75em}
& button{min-height:44px;padding:.5em 1.25em;border:1px solid;border-radius:.5em;background:none;color:inherit;font:inherit}
& button:first-child{border-color:#0000;background:var(--session-accent,#1a4f8b);color:var(--session-accent-text,#fff)}
& :focus-visible{outline:3px solid;outline-offset:3px}
@media print{&{display:none}}`;

/**
 * The styles of the warning, and `more` of another dialog. `:not()` with an id only makes the rules stronger than those of
 * pages, such as `dialog[open]`.
 */
export function styles(more = ''): string {
  return (RULES + more).replace(/&/g, '.session-timeout:not(#_)');
}
