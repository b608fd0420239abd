/** `&` stands for a dialog. A page sets the colours as custom properties on `.session-timeout`. */
const RULES = `
&,& *{all:revert;pointer-events:auto}
&{box-sizing:border-box;width:min(32rem,100%);margin:auto;padding:1.5rem;border:1px solid;border-radius:.5rem;background:var(--session-background,Canvas);color:var(--session-text,CanvasText);font:1rem/1.5 system-ui,sans-serif}
&::backdrop{background:#0009}
& [role=alert]{font-weight:bold}
& [role=status]{position:fixed;clip-path:inset(50%)}
& div{display:flex;flex-wrap:wrap;gap:.75rem}
& button{min-height:44px;padding:.5rem 1.25rem;border:1px solid;border-radius:.5rem;background:none;color:inherit;font:inherit}
& button:first-child{border-color:#0000;background:var(--session-accent,#1a4f8b);color:var(--session-accent-text,#fff)}
& :focus-visible{outline:3px solid;outline-offset:3px}
@media print{&{display:none}}`;

/**
 * The styles of the warning, and `more` of another dialog. No element has the id. It only makes the rules stronger than
 * those of pages, such as `dialog[open]`.
 */
export function styles(more = ''): string {
  return (RULES + more).replace(/&/g, ':is(.session-timeout,#session)');
}
