// Writes what the package promises in types, a file for each entry: npm run api. The tests compare them with the build,
// so that each change to a public type is seen in a review.
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { argv } from 'node:process';
import * as prettier from 'prettier';
import ts from 'typescript';

const root = fileURLToPath(new URL('../', import.meta.url));
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** The entries of the package: their names, such as `./client`, and the paths of their declarations and their code. */
export const entries = Object.entries(exports)
  .filter(([, entry]) => entry.types)
  .map(([name, entry]) => ({ name, types: join(root, entry.types), code: join(root, entry.default) }));

const program = ts.createProgram(
  entries.map(({ types }) => types),
  { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2022, skipLibCheck: true, types: [] },
);
const checker = program.getTypeChecker();
const printer = ts.createPrinter({ removeComments: true });

const aliased = (symbol) => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
const isOurs = (declaration) => declaration.getSourceFile().fileName.startsWith(`${root}dist/`);

/** The statements that declare a name. */
function statementsOf(symbol) {
  const declarations = (symbol.declarations ?? []).filter(isOurs);
  return declarations
    .map((declaration) => ts.findAncestor(declaration, (node) => node.parent && ts.isSourceFile(node.parent)))
    .filter((statement) => statement && !ts.isExportDeclaration(statement) && !ts.isImportDeclaration(statement));
}

/** Whether only the package itself can reach a member. */
function isPrivate(node) {
  return ts.canHaveModifiers(node) && node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword);
}

/** A statement without comments and private members. */
function print(statement) {
  const { transformed } = ts.transform(statement, [
    (context) => {
      const visit = (node) => (isPrivate(node) ? undefined : ts.visitEachChild(node, visit, context));
      return visit;
    },
  ]);
  const text = printer.printNode(ts.EmitHint.Unspecified, transformed[0], statement.getSourceFile());
  return text.replace(/^export /, '');
}

/** The symbols of this package that a statement names. Nest calls constructors, so what they need is left out. */
function namedIn(statement) {
  const named = new Set();
  const visit = (node) => {
    if (isPrivate(node) || ts.isConstructorDeclaration(node)) return;
    const symbol = ts.isIdentifier(node) && checker.getSymbolAtLocation(node);
    const target = symbol && aliased(symbol);
    if (target && statementsOf(target).some((one) => declares(one, target))) named.add(target);
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return named;
}

/** Whether a statement at the top of a file declares this name itself, and not a part of it. */
function declares(statement, symbol) {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((one) => symbol.declarations?.includes(one));
  }
  return symbol.declarations?.includes(statement);
}

/** What an entry exports. */
function exportsOf(types) {
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(types)));
}

/** Whether an exported name is there at run time, and not only a type. */
function isValue(symbol) {
  const isTypeOnly = symbol.declarations?.some(
    (declaration) => ts.isExportSpecifier(declaration) && ts.isTypeOnlyImportOrExportDeclaration(declaration),
  );
  return !isTypeOnly && Boolean(aliased(symbol).flags & ts.SymbolFlags.Value);
}

/** The names that an entry exports at run time, by its types. */
export function valuesOf({ types }) {
  return exportsOf(types)
    .filter(isValue)
    .map(({ name }) => name)
    .toSorted();
}

/** A chapter with the declarations of some symbols, in alphabetical order. */
function chapter(heading, symbols) {
  const sorted = symbols.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const texts = new Set(sorted.map((symbol) => statementsOf(symbol).map(print).join('\n')));
  return texts.size > 0 ? `## ${heading}\n\n\`\`\`ts\n${[...texts].join('\n\n')}\n\`\`\`\n` : '';
}

/** The report of an entry, in Markdown. */
function reportOf({ name, types }) {
  const exported = exportsOf(types);
  const values = exported.filter(isValue).map(aliased);
  const onlyTypes = exported.filter((symbol) => !isValue(symbol)).map(aliased);
  const known = new Set([...values, ...onlyTypes]);
  for (const symbol of known) {
    for (const statement of statementsOf(symbol)) for (const named of namedIn(statement)) known.add(named);
  }
  return [
    `# ${name.replace('.', 'nestjs-session-timeout')}`,
    'Written by `npm run api`.',
    chapter('Values', values),
    chapter('Types', onlyTypes),
    chapter('Not exported, but part of these', [...known].slice(exported.length)),
  ].join('\n\n');
}

/** The reports of all entries: the name of each, the path of its file, and what the file has to contain. */
export async function reports() {
  const options = await prettier.resolveConfig(import.meta.filename);
  return Promise.all(
    entries.map(async (entry) => ({
      name: entry.name,
      file: join(root, 'test/package/api', `${entry.name.slice(2) || 'index'}.md`),
      text: await prettier.format(reportOf(entry), { ...options, parser: 'markdown' }),
    })),
  );
}

// node scripts/api-report.js
if (import.meta.filename === argv[1])
  await Promise.all((await reports()).map(({ file, text }) => writeFile(file, text)));
