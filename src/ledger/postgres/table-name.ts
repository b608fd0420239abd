const NAME = /^[a-z_][a-z0-9_]{0,62}$/i;

/**
 * Quotes the name of a table, with or without a schema, for use in statements.
 *
 * @throws TypeError if it is not a plain name
 */
export function quotedTable(table: string): string {
  const parts = String(table).split('.');
  if (parts.length > 2 || !parts.every((part) => NAME.test(part))) {
    throw new TypeError(
      `The table of PostgresLedger must be a name of letters, digits and underscores, like "session_timeline" or ` +
        `"app.session_timeline", but is ${JSON.stringify(table)}.`,
    );
  }
  return parts.map((part) => `"${part}"`).join('.');
}
