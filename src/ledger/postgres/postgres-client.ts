/** A Pool of `pg`, as far as it is used. A PGlite works, too. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
}

const NEEDED = 'new PostgresLedger(pool) needs a Pool of pg, or a PGlite: an object with query(text, values).';

/**
 * Returns the client that an application gave, if a ledger can use it.
 *
 * A single connection is refused, because the application may begin a transaction on it. Whatever the ledger writes
 * meanwhile would belong to that transaction: when it is rolled back, ended sessions would be open again.
 *
 * @throws TypeError that says what to pass instead
 */
export function usableClient(client: PostgresClient): PostgresClient {
  if (has(client, 'createQueryRunner') || has(client, 'createQueryBuilder')) {
    throw new TypeError(
      `${NEEDED} With TypeORM, pass the pool of the initialized DataSource: dataSource.driver.master.`,
    );
  }
  if (['escapeIdentifier', 'release', 'rollback', 'startTransaction'].some((method) => has(client, method))) {
    throw new TypeError(
      `${NEEDED} A single connection does not work: if the application rolls back a transaction on it, sessions ` +
        'that ended meanwhile are open again. Pass the pool.',
    );
  }
  if (!has(client, 'query')) throw new TypeError(NEEDED);
  return client;
}

function has(client: object | undefined | null, method: string): boolean {
  return typeof (client as Record<string, unknown> | undefined | null)?.[method] === 'function';
}
