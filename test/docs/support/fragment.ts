import ts from 'typescript';
import { contextOf } from './context.js';

/** Makes a module of a piece of code, with what it uses without saying where it comes from. */
export function moduleOf(code: string, isJsx: boolean): string {
  const whole = isComplete(code, isJsx) ? code : membersOf(code);
  return `${contextOf(missingNames(whole, isJsx))}\n${whole}\nexport {};\n`;
}

/** Handlers stand on the pages without the class around them. */
function membersOf(members: string): string {
  return `class Handlers {\nconstructor(readonly sessions: SessionTimeoutService) {}\n${members}}\n`;
}

function isComplete(code: string, isJsx: boolean): boolean {
  const { diagnostics = [] } = ts.transpileModule(code, {
    fileName: isJsx ? 'fragment.tsx' : 'fragment.ts',
    reportDiagnostics: true,
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ESNext, experimentalDecorators: true },
  });
  return diagnostics.length === 0;
}

/** The names that a piece of code uses, without those that it declares at its top, or imports. */
function missingNames(code: string, isJsx: boolean): Set<string> {
  const kind = isJsx ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile('fragment.ts', code, ts.ScriptTarget.ESNext, true, kind);
  const used = new Set<string>();
  const own = new Set<string>();

  function visit(node: ts.Node): void {
    if (ts.isIdentifier(node) && !isNameOnly(node)) used.add(node.text);
    ts.forEachChild(node, visit);
  }
  visit(file);

  for (const statement of file.statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) addNames(name, own);
    } else if (ts.isImportDeclaration(statement)) {
      const clause = statement.importClause;
      if (clause?.name) own.add(clause.name.text);
      const bindings = clause?.namedBindings;
      if (bindings && ts.isNamedImports(bindings)) for (const { name } of bindings.elements) own.add(name.text);
    } else {
      const { name } = statement as ts.DeclarationStatement;
      if (name && ts.isIdentifier(name)) own.add(name.text);
    }
  }
  return new Set([...used].filter((name) => !own.has(name)));
}

/** Whether a name only names a part of something, like `b` in `a.b` and in `{ b: 1 }`, or a parameter. */
function isNameOnly(node: ts.Identifier): boolean {
  const { parent } = node;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    (ts.isPropertyAssignment(parent) && parent.name === node) ||
    (ts.isParameter(parent) && parent.name === node) ||
    (ts.isBindingElement(parent) && parent.name === node)
  );
}

function addNames(name: ts.BindingName, to: Set<string>): void {
  if (ts.isIdentifier(name)) to.add(name.text);
  else for (const element of name.elements) if (ts.isBindingElement(element)) addNames(element.name, to);
}
