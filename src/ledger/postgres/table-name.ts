/** As long as Postgres allows for the names of the indexes, which are made from it. */
const NAME = /^[a-z_][a-z0-9_]{0,49}$/i;

/** The name of a table and those of its indexes, quoted for use in statements. */
export interface TableName {
  /** With its schema, if one was given. */
  readonly quoted: string;
  /** The names of its indexes. Postgres puts them into the schema of the table. */
  readonly index: { readonly places: string; readonly due: string };
  /** Puts the schema of the table before another quoted name. */
  inSchema(name: string): string;
}

/**
 * Quotes the name of a table, with or without a schema.
 *
 * @throws TypeError if it is not a plain name
 */
export function tableName(table: string): TableName {
  const parts = String(table).split('.');
  if (parts.length > 2 || !parts.every((part) => NAME.test(part))) {
    throw new TypeError(
      `The table of PostgresLedger must be a name of at most 50 letters, digits and underscores, like ` +
        `"session_timeline" or "app.session_timeline", but is ${JSON.stringify(table)}.`,
    );
  }
  const name = parts.at(-1)!;
  const inSchema = (quoted: string) => [...parts.slice(0, -1).map((part) => `"${part}"`), quoted].join('.');
  return {
    quoted: inSchema(`"${name}"`),
    index: { places: `"${name}_user_places"`, due: `"${name}_due_times"` },
    inSchema,
  };
}
