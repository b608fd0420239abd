import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './support/tarball.js';

const folder = join(root, 'test/types');
const files = readdirSync(folder).map((name) => join(folder, name));
const config = ts.getParsedCommandLineOfConfigFile(
  join(root, 'test/tsconfig.browser.json'),
  {},
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: () => undefined,
  },
);

/** What is wrong with the files of `test/types/` and the declarations that they lead to. */
function problemsWith(options: ts.CompilerOptions): string[] {
  const { paths: _toTheSources, ...own } = config?.options ?? {};
  const program = ts.createProgram(files, { ...own, skipLibCheck: false, ...options });
  const checked = program
    .getSourceFiles()
    .filter(({ fileName }) => /\/(test\/types|dist)\//.test(fileName.slice(root.length - 1)));
  const names = checked.map(({ fileName }) => fileName.slice(root.length));
  expect(names).toEqual(expect.arrayContaining(['test/types/options.ts', 'dist/index.d.ts', 'dist/client/index.d.ts']));
  return checked
    .flatMap((file) => program.getSemanticDiagnostics(file))
    .map(({ file, start = 0, messageText }) => {
      const line = file ? file.getLineAndCharacterOfPosition(start).line + 1 : 0;
      return `${file?.fileName.slice(root.length)}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
}

describe('the declarations that are published', () => {
  test.each<[string, ts.CompilerOptions]>([
    ['the strictest settings', {}],
    ['the settings of a new Nest project', { exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false }],
    ['a bundler', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ])('accept what applications write and refuse what they must not write, with %s', (_name, options) => {
    expect(problemsWith(options)).toEqual([]);
  });
});
