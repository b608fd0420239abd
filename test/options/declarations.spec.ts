import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { namesIn, problemsIn } from '../../src/options/declarations.js';
import { LimitDeclarations } from '../../src/options/session-limits.js';
import { ExtraDeclarations } from '../../src/options/session-timeout.extras.js';
import { OptionDeclarations } from '../../src/options/session-timeout.options.js';

const path = (file: string) => new URL(`../../src/options/${file}`, import.meta.url).pathname;
const classes = [OptionDeclarations, ExtraDeclarations];
const options = classes.flatMap((declarations) => namesIn(declarations).map((name) => ({ name, declarations })));

/** The fields of the classes in the source, with their comments and initialisers. */
const fields = ['session-limits.ts', 'session-timeout.options.ts', 'session-timeout.extras.ts'].flatMap((file) => {
  const source = ts.createSourceFile(file, readFileSync(path(file), 'utf8'), ts.ScriptTarget.Latest, true);
  const classes = source.statements.filter(ts.isClassDeclaration);
  return classes
    .flatMap(({ members }) => members.filter(ts.isPropertyDeclaration))
    .map((field) => ({
      name: field.name.getText(),
      comment: ts
        .getJSDocCommentsAndTags(field)
        .map((comment) => comment.getText())
        .join(''),
      initializer: field.initializer?.getText(),
    }));
});

describe('the declaration of an option', () => {
  test.each(options)('$name has a check, which refuses null', ({ name, declarations }) => {
    expect(problemsIn(declarations, { [name]: null })).toEqual([{ name, value: null, text: expect.any(String) }]);
  });

  test.each(classes)('has a default that passes its check: %p', (declarations) => {
    expect(problemsIn(declarations, new declarations())).toEqual([]);
  });

  test.each(fields)('$name has a comment that tells the default', ({ comment, initializer }) => {
    expect(comment).toMatch(/\bDefault(:| `)/);
    if (/^('|\[|true|false)/.test(initializer ?? '')) expect(comment).toContain(`Default \`${initializer}\``);
  });

  test('covers each option once', () => {
    expect(fields.map(({ name }) => name)).toEqual(options.map(({ name }) => name));
  });
});

describe('the public types', () => {
  const files = ['session-limits.ts', 'session-timeout.options.ts', 'session-timeout.extras.ts'].map(path);
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    experimentalDecorators: true,
    skipLibCheck: true,
    noEmit: true,
  });
  const checker = program.getTypeChecker();

  test.each([
    [0, 'SessionLimits', namesIn(LimitDeclarations)],
    [1, 'SessionTimeoutOptions', namesIn(OptionDeclarations)],
    [2, 'SessionTimeoutExtras', namesIn(ExtraDeclarations)],
  ] as const)('show an editor the comment of each option, which may be left out (%#: %s)', (file, name, names) => {
    const source = program.getSourceFile(files[file] as string) as ts.SourceFile;
    const found = checker
      .getExportsOfModule(checker.getSymbolAtLocation(source) as ts.Symbol)
      .find((symbol) => symbol.name === name) as ts.Symbol;
    const properties = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(found));
    expect(properties.map((property) => property.name).toSorted()).toEqual(names.toSorted());
    for (const property of properties) {
      expect(ts.displayPartsToString(property.getDocumentationComment(checker))).toContain('Default');
      expect(property.flags & ts.SymbolFlags.Optional).toBeTruthy();
    }
  });
});
