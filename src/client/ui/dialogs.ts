/** CSS selector of the dialogs of the client. A page has dialogs of its own, perhaps with a class such as `session-list`. */
export const DIALOG = 'dialog:is(.session-timeout,.session-cover)';

/** CSS selector of the dialogs of the client that are open. */
export const OPEN_DIALOG = '[open]:is(.session-timeout,.session-cover)';

/** CSS selector of the dialog that covers the page. */
export const COVER = 'dialog.session-cover';
