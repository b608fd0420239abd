// Puts what the package consists of beside this file: the modules that its entry needs, from the build of the main
// package, with their declarations and sources. Run `npm run build` at the root before.
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const from = fileURLToPath(new URL('../../', import.meta.url));
const to = fileURLToPath(new URL('./', import.meta.url));

/** The files of a module. */
const filesOf = (module) => [`dist/${module}.js`, `dist/${module}.d.ts`, `dist/${module}.d.ts.map`, `src/${module}.ts`];

/** The modules that a module imports, for its code or for its types. */
async function importsOf(module) {
  const texts = await Promise.all(
    filesOf(module)
      .slice(0, 2)
      .map((file) => readFile(from + file, 'utf8')),
  );
  return texts
    .flatMap((text) => ts.preProcessFile(text, true, true).importedFiles)
    .map(({ fileName }) => new URL(fileName, `file:///${module}`).pathname.slice(1).replace(/\.js$/, ''));
}

async function copy(file) {
  await mkdir(dirname(to + file), { recursive: true });
  await copyFile(from + file, to + file);
}

const modules = new Set(['client/index']);
for (const module of modules) for (const imported of await importsOf(module)) modules.add(imported);

await Promise.all(['dist', 'src'].map((folder) => rm(to + folder, { recursive: true, force: true })));
await Promise.all(['LICENSE', ...[...modules].flatMap(filesOf)].map(copy));
