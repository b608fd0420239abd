import { argv } from 'node:process';
import { writeFile } from 'node:fs/promises';
import { minify } from '@swc/core';
import { build } from 'esbuild';

/**
 * Properties that only the client itself uses: their names are shortened where no other file needs them. Those that
 * end in `At` are times of its state.
 */
const OWN =
  /(At|phase|failures|told|claim|replaced|ending|jumped|wallOf|inTurn|recall|isScriptedInput|onDeliberate|isUsed|arrange|restoreTitle|isHeld|departure|timings|chance|flush|seen|fresh|advice|retryAfter|transport|changed|activity|tick|reply|pause|until|tell|tabs|look|show|hide|restore|clock|apply|active|last|leave|ping|written)$/;

/** Properties that end in `At` and belong to applications or to the language. */
const KEPT = /^(expiresAt|charCodeAt|codePointAt)$/;

/** Properties that only the part for drafts uses. */
const DRAFTS =
  /^(typed|was|filledAt|fills|oddSince|newName|hasForm|keptUntil|inTurn|namesOf|fields|adopt|forget|discard|flush|seal|hold|accepted|found|look|sent|release|resume|changed|filled|odd|drafts|page|turn|note|write|empty|put|fill|show|use|open)$/;

/** Modules of the part `extras` that the part `drafts`, which it loads, uses from there. */
const SHARED =
  /\/(listen|attempt|field|saves|shadow-roots|content|kept-field|filling|places|notice-place|page-path)\.js$/;

/** @type {import('esbuild').Plugin} */
const fromExtras = {
  name: 'from-extras',
  setup({ onResolve }) {
    onResolve({ filter: SHARED }, () => ({ path: './extras.js', external: true }));
  },
};

/**
 * A part of the client in one file, as browsers get it. esbuild puts the modules together. swc makes the result smaller
 * than esbuild does alone.
 *
 * @param {string} entry the path of a module below `src/client/`, without its ending
 * @param {{ format?: 'esm' | 'iife', globalName?: string }} [options]
 */
export async function bundle(entry, { format = 'esm', ...options } = {}) {
  const { outputFiles } = await build({
    ...options,
    entryPoints: [`src/client/${entry}.ts`],
    bundle: true,
    minify: true,
    ...(entry === 'drafts/drafts' && { mangleProps: DRAFTS }),
    // The other parts are imported by modules that know the names.
    ...(entry === 'auto' && { mangleProps: OWN, reserveProps: KEPT }),
    ...(entry === 'drafts/drafts' && { plugins: [fromExtras] }),
    format,
    target: 'es2022',
    write: false,
  });
  const { code } = await minify(outputFiles[0]?.text ?? '', {
    module: format === 'esm',
    ecma: 2022,
    // Hoisting makes files with many functions smaller, and the core larger.
    compress: { passes: 4, hoist_vars: entry !== 'engine/core' },
    mangle: true,
  });
  return code;
}

// node scripts/bundle-client.js <entry> <file>
if (import.meta.filename === argv[1]) {
  const [, , entry = '', file = ''] = argv;
  await writeFile(file, await bundle(entry));
}
