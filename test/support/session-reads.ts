import ts from 'typescript';

/** What express-session and passport put on a request. */
const NAMES = new Set(['session', 'sessionID', 'sessionStore', 'user']);

/**
 * The places in a file where code takes these off something that is called `req` or `request`, or is a
 * parameter of the type `Request`: as `<line> <code>`.
 */
export function sessionReads(file: ts.SourceFile): string[] {
  const reads: string[] = [];

  const visit = (node: ts.Node): void => {
    if (isRead(node)) {
      reads.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${node.getText()}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return reads;
}

function isRead(node: ts.Node): boolean {
  // req.session
  if (ts.isPropertyAccessExpression(node)) return isRequest(node.expression) && NAMES.has(node.name.text);
  // req['session']
  if (ts.isElementAccessExpression(node)) {
    const { expression, argumentExpression } = node;
    return isRequest(expression) && ts.isStringLiteralLike(argumentExpression) && NAMES.has(argumentExpression.text);
  }
  // const { session } = req; ({ session }: Request) => …; { req: { session } }
  if (ts.isBindingElement(node)) return NAMES.has(nameOf(node)) && isPatternOfRequest(node.parent);
  if (ts.isBinaryExpression(node)) {
    const { left, operatorToken, right } = node;
    // 'session' in req
    if (operatorToken.kind === ts.SyntaxKind.InKeyword) {
      return ts.isStringLiteralLike(left) && NAMES.has(left.text) && isRequest(right);
    }
    // ({ session } = req)
    const isAssignment = operatorToken.kind === ts.SyntaxKind.EqualsToken && ts.isObjectLiteralExpression(left);
    return isAssignment && isRequest(right) && left.properties.some(({ name }) => NAMES.has(name?.getText() ?? ''));
  }
  return false;
}

function isPatternOfRequest(pattern: ts.BindingPattern): boolean {
  const { parent } = pattern;
  if (ts.isBindingElement(parent)) return isRequestName(nameOf(parent));
  if (parent.initializer) return isRequest(parent.initializer);
  return ts.isParameter(parent) && parent.type?.getText() === 'Request';
}

/** The name that a binding element takes: `session` for `session` as for `session: known`. */
function nameOf({ propertyName, name }: ts.BindingElement): string {
  return (propertyName ?? name).getText();
}

/** Whether an expression is called `req` or `request`, whatever is asserted of its type. */
function isRequest(expression: ts.Expression): boolean {
  if (ts.isParenthesizedExpression(expression) || ts.isAsExpression(expression) || ts.isNonNullExpression(expression)) {
    return isRequest(expression.expression);
  }
  if (ts.isPropertyAccessExpression(expression)) return isRequestName(expression.name.text);
  return ts.isIdentifier(expression) && isRequestName(expression.text);
}

function isRequestName(name: string): boolean {
  return name === 'req' || name === 'request';
}
