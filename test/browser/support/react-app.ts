import type { NestExpressApplication } from '@nestjs/platform-express';
import { build } from 'esbuild';
import type { Request, Response } from 'express';

/** The tag that starts it. Modules run when the page has been read. */
export const REACT_APP = '<script type="module" src="/app.js"></script>';

/**
 * Builds a React application as its users do, for production.
 *
 * @param contents the source, in TSX
 * @returns what lets a site answer `/app.js` with the result
 */
export async function reactApp(contents: string): Promise<(site: NestExpressApplication) => void> {
  const { outputFiles } = await build({
    stdin: { contents, loader: 'tsx', resolveDir: process.cwd() },
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    external: ['/modules/*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  });
  const script = outputFiles[0]?.text ?? '';
  return (site) => site.use('/app.js', (_req: Request, res: Response) => void res.type('js').send(script));
}
