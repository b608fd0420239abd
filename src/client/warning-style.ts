/** The look of the warning. Its colours are custom properties, for the page to set on `dialog.session-timeout`. */
export const RULES = `
dialog.session-timeout { box-sizing: border-box; width: min(32rem, calc(100vw - 2rem)); max-height: calc(100dvh - 2rem);
  margin: auto; padding: 1.5rem; overflow: auto; border: 1px solid; border-radius: 0.5rem;
  background: var(--session-background, Canvas); color: var(--session-text, CanvasText);
  font: 1rem/1.5 system-ui, sans-serif; text-align: start }
dialog.session-timeout::backdrop { background: rgb(0 0 0 / 0.6) }
dialog.session-timeout h2 { margin: 0 0 0.75rem; font-size: 1.375rem; line-height: 1.25 }
dialog.session-timeout p { margin: 0 0 0.75rem }
dialog.session-timeout .time { font-size: 1.25rem; font-weight: bold; font-variant-numeric: tabular-nums }
dialog.session-timeout .time b { white-space: nowrap }
dialog.session-timeout .failure:empty { display: none }
dialog.session-timeout .failure { border-inline-start: 4px solid; padding-inline-start: 0.75rem }
dialog.session-timeout .spoken { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%) }
dialog.session-timeout .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; margin: 1.25rem 0 0 }
dialog.session-timeout button { min-width: 44px; min-height: 44px; padding: 0.5rem 1.25rem; border: 2px solid currentcolor;
  border-radius: 0.375rem; background: transparent; color: inherit; font: inherit; cursor: pointer }
dialog.session-timeout button:first-child { border-color: var(--session-accent, #1a4f8b);
  background: var(--session-accent, #1a4f8b); color: var(--session-accent-text, #fff); font-weight: bold }
dialog.session-timeout button:focus-visible { outline: 3px solid var(--session-focus, currentcolor); outline-offset: 3px }
dialog.session-timeout [hidden] { display: none }
@media (prefers-reduced-motion: no-preference) {
  dialog.session-timeout[open] { animation: session-timeout 0.15s ease-out }
  @keyframes session-timeout { from { opacity: 0; transform: translateY(0.5rem) } }
}`;
