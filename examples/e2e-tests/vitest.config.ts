import { defineConfig } from 'vitest/config';

export default defineConfig({
  // The same tests run in Jest, which offers test() and expect() as globals.
  test: { globals: true, include: ['test/**/*.e2e-spec.ts'] },
});
