/** The styles of the warning. A page sets the colours as custom properties on `.session-timeout`. */
export const RULES = `
.session-timeout,.session-timeout *{all:revert;pointer-events:auto}
.session-timeout{box-sizing:border-box;width:min(32rem,100%);margin:auto;padding:1.5rem;border:1px solid;border-radius:.5rem;background:var(--session-background,Canvas);color:var(--session-text,CanvasText);font:1rem/1.5 system-ui,sans-serif}
.session-timeout::backdrop{background:#0009}
.session-timeout [role=alert]{font-weight:bold}
.session-timeout [role=status]{position:absolute;clip-path:inset(50%)}
.session-timeout div{display:flex;flex-wrap:wrap;gap:.75rem}
.session-timeout button{min-width:44px;min-height:44px;padding:.5rem 1.25rem;border:2px solid;border-radius:.5rem;background:none;color:inherit;font:inherit;cursor:pointer}
.session-timeout button:first-child{border-color:#0000;background:var(--session-accent,#1a4f8b);color:var(--session-accent-text,#fff)}
.session-timeout :focus-visible{outline:3px solid;outline-offset:3px}
@media print{.session-timeout{display:none}}`;
