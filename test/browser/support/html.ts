/** What a page of the test site is made of. */
export interface PageOptions {
  readonly lang?: string;
  readonly dir?: string;
  readonly heading?: string;
  /** Text that nobody may read once the session is over. */
  readonly secret?: string | undefined;
  readonly alert?: string | undefined;
  /** What else is on the page. */
  readonly body?: string;
  /** The tag that starts the client. Default: the script of the server, as the manual shows it. */
  readonly script?: string | undefined;
}

export const AUTO = '<script type="module" src="/session/client.js"></script>';

/** Starts the ESM entry as `window.client`, and notes each snapshot with its time in `window.seen`. */
export function esmStart(options = '{}'): string {
  return `<script type="module">
    import { startSessionTimeout } from '/modules/client/index.js';
    const client = (window.client = startSessionTimeout(${options}));
    window.seen = [];
    client.subscribe(() => window.seen.push({ at: performance.now(), ...client.snapshot() }));
  </script>`;
}

/** A page as an application would write it. */
export function html({
  lang = 'en',
  dir = 'ltr',
  heading = '',
  secret,
  alert,
  body = '',
  script,
}: PageOptions): string {
  return `<!doctype html>
<html lang="${lang}" dir="${dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${heading}</title>${script ?? AUTO}</head>
<body>
<header><a href="/page?n=2">Next</a></header>
<main>
<h1>${heading}</h1>
${alert ? `<p role="alert">${alert}</p>` : ''}
${secret ? `<p id="secret">${secret}</p>` : ''}
<form><label>Note <input name="note"></label> <button type="button">Look</button></form>
${body}
</main>
</body>
</html>`;
}
