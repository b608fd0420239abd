/** CSS selector of the dialogs of the client. A page has dialogs of its own. */
export const DIALOG = 'dialog[class^=session]';

/** CSS selector of the dialogs of the client that are open. */
export const OPEN_DIALOG = 'dialog[open][class^=session]';

/** CSS selector of the dialog that covers the page. */
export const COVER = 'dialog.session-cover';
