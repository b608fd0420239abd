import { textsFor } from './texts/texts.js';

/**
 * The page to which a login window returns. Its client tells the other tabs that somebody has signed in. Then the tab
 * that opened the window closes it. The text is for users whose browser does not allow this.
 *
 * @param wanted the language, as a BCP 47 tag from the query
 */
export function signedInPage(wanted: unknown): string {
  const own = textsFor(wanted);
  const text = own?.closeWindow ?? 'You can close this window now.';
  return `<!doctype html>
<html lang="${own ? String(wanted) : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${text}</title>
<script type="module" src="client.js"></script>
</head>
<body><p dir="auto">${text}</p></body>
</html>
`;
}
