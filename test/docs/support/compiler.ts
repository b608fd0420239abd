import ts from 'typescript';
import { root } from './pages.js';

/** As in a new project of Nest, with the types of a browser and of a test runner. */
const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  esModuleInterop: true,
  strict: true,
  noImplicitOverride: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  jsx: ts.JsxEmit.ReactJSX,
  skipLibCheck: true,
  declaration: true,
  types: ['node', 'jest'],
};

/** Compiles files, and returns the errors of the compiler. */
export function compile(files: readonly string[], { emits = true } = {}): string[] {
  const program = ts.createProgram(files, { ...options, noEmit: !emits });
  const problems = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
  return problems.map(({ messageText, file, start = 0 }) => {
    const { line } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0 };
    const where = file ? `${file.fileName.replace(root, '')}:${line + 1}` : '';
    return `${where} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}
