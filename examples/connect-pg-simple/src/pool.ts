import { Pool } from 'pg';

export const pool = new Pool({
  connectionString: process.env.DATABASE_URL ?? 'postgres://postgres@localhost/postgres',
});
pool.on('error', (error) => console.error(error));
