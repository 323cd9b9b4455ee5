'use strict';

const { readFileSync, readdirSync } = require('node:fs');
const path = require('node:path');
const ts = require('typescript');

/**
 * The checks of a source, found by its syntax, and the same source with a switch in front of each: the one that
 * `HYPDR_CHECK_OFF` names is disabled when the code runs. So all of them share one build, and no file is changed.
 *
 * A check is whatever decides between two ways:
 * - the condition of an `if` or of `? :`: taken as false, and as true, since a refusal may stand on either way;
 * - one operand of `&&` or `||`: dropped;
 * - the predicate of `filter`, `find`, `every` or `some`: everything fits, for `some` nothing;
 * - one statement of several after an `if` or in a `catch` (a report, what makes unsound, a `continue`), and a call of a
 *   function, a `push` or a `throwIfAborted` as a statement (a check elsewhere, an unconditional report): left out.
 */

const SWITCH = 'HYPDR_CHECK_OFF';
const IS_OFF = '__checkIsOff';
/** Methods whose call, as a statement, reports or throws. */
const CHECKING = new Set(['push', 'throwIfAborted']);
const EVERYTHING = new Set(['filter', 'find', 'every']);
const { factory } = ts;

/** @returns {{ readonly checks: readonly string[], readonly code: string }} names in the order of the file */
function instrument(name, source) {
  const file = ts.createSourceFile(name, source, ts.ScriptTarget.ES2022, true);
  const checks = [];
  const transformed = ts.transform(file, [(context) => (root) => switched(root, context, checks)]);
  const code = ts.createPrinter().printFile(transformed.transformed[0]);
  transformed.dispose();
  return { checks, code: `${code}\n${RUNTIME}\n` };
}

/** Hoisted, so that it may stand at the end. What is asked for is noted: a test that never asks can't turn red. */
const RUNTIME = `function ${IS_OFF}(id: string): boolean {
  ((globalThis as any).__reachedChecks ??= new Set()).add(id);
  return process.env.${SWITCH} === id;
}`;

function switched(root, context, checks) {
  const isOff = (node, what, suffix = '') => {
    const name = `${root.fileName} ${functionOf(node)}: ${textOf(node)}${suffix} ${what}`;
    const same = checks.filter((one) => one === name || one.startsWith(`${name} #`)).length;
    const id = same === 0 ? name : `${name} #${same + 1}`;
    checks.push(id);
    return factory.createCallExpression(factory.createIdentifier(IS_OFF), undefined, [factory.createStringLiteral(id)]);
  };
  /** `id is off ? other : node`; the node comes already visited, names are made of the original. */
  const either = (condition, other, node) =>
    factory.createParenthesizedExpression(
      factory.createConditionalExpression(condition, undefined, other, undefined, node),
    );
  const visit = (node) => {
    if (ts.isIfStatement(node)) {
      return factory.updateIfStatement(
        node,
        decided(node.expression),
        ts.visitNode(node.thenStatement, visit),
        ts.visitNode(node.elseStatement, visit),
      );
    }
    if (ts.isConditionalExpression(node)) {
      return factory.updateConditionalExpression(
        node,
        decided(node.condition),
        node.questionToken,
        ts.visitNode(node.whenTrue, visit),
        node.colonToken,
        ts.visitNode(node.whenFalse, visit),
      );
    }
    if (isLogical(node)) return logical(node);
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body) && predicateOf(node)) return predicate(node);
    if (ts.isStatement(node) && isRemovable(node)) {
      const off = isOff(node, 'left out');
      return factory.createIfStatement(
        factory.createLogicalNot(off),
        factory.createBlock([ts.visitEachChild(node, visit, context)]),
      );
    }
    return ts.visitEachChild(node, visit, context);
  };
  function decided(condition) {
    const never = isOff(condition, '-> false');
    const always = isOff(condition, '-> true');
    const inner = either(always, factory.createTrue(), ts.visitNode(condition, visit));
    return either(never, factory.createFalse(), inner);
  }
  function logical(node) {
    const { kind } = node.operatorToken;
    const neutral = kind === ts.SyntaxKind.AmpersandAmpersandToken ? factory.createTrue : factory.createFalse;
    const operands = operandsOf(node, kind);
    // A key that is written although its value is undefined is no other object.
    const lone = operands.length === 2 && ts.isSpreadAssignment(enclosing(node));
    const made = operands.map((one, index) => {
      const last = index === operands.length - 1;
      if (lone || (last && isValue(one))) return ts.visitNode(one, visit);
      const off = isOff(one, 'dropped', ` of ${textOf(node)}`);
      return either(off, neutral(), ts.visitNode(one, visit));
    });
    const all = made.reduce((left, right) => factory.createBinaryExpression(left, kind, right));
    return factory.createParenthesizedExpression(
      ts.isSpreadAssignment(enclosing(node)) ? either(isOff(node, '-> false'), factory.createFalse(), all) : all,
    );
  }
  function predicate(node) {
    const fits = EVERYTHING.has(predicateOf(node));
    const off = isOff(node, fits ? 'fits everything' : 'fits nothing');
    const body = either(off, fits ? factory.createTrue() : factory.createFalse(), ts.visitNode(node.body, visit));
    return factory.updateArrowFunction(
      node,
      node.modifiers,
      node.typeParameters,
      node.parameters,
      node.type,
      node.equalsGreaterThanToken,
      body,
    );
  }
  return ts.visitNode(root, visit);
}

const isLogical = (node) =>
  ts.isBinaryExpression(node) &&
  [ts.SyntaxKind.AmpersandAmpersandToken, ts.SyntaxKind.BarBarToken].includes(node.operatorToken.kind);

/** `a && b && c` has three operands, whatever the tree says; those between parentheses are one. */
const operandsOf = (node, kind) =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === kind
    ? [...operandsOf(node.left, kind), ...operandsOf(node.right, kind)]
    : [node];

/** The last operand of `a && value` is no condition. */
function isValue(node) {
  const bare = ts.isParenthesizedExpression(node) ? node.expression : node;
  return ts.isObjectLiteralExpression(bare) || ts.isAwaitExpression(bare);
}

/** What an expression stands in, without parentheses. */
const enclosing = (node) => (ts.isParenthesizedExpression(node.parent) ? enclosing(node.parent) : node.parent);

/** The method that an arrow function is the predicate of. */
function predicateOf(node) {
  const call = node.parent;
  if (!ts.isCallExpression(call) || call.arguments[0] !== node || !ts.isPropertyAccessExpression(call.expression))
    return;
  const method = call.expression.name.text;
  return EVERYTHING.has(method) || method === 'some' ? method : undefined;
}

function isRemovable(node) {
  if (isAlternative(node.parent) && (node.parent.statements.length > 1 || ts.isCatchClause(node.parent.parent))) {
    return (
      ts.isExpressionStatement(node) ||
      ts.isContinueStatement(node) ||
      ts.isBreakStatement(node) ||
      (ts.isReturnStatement(node) && node.parent.statements.length > 1)
    );
  }
  if (!ts.isExpressionStatement(node)) return false;
  const call = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
  if (!ts.isCallExpression(call) || ts.isIfStatement(node.parent)) return false;
  const callee = call.expression;
  return ts.isIdentifier(callee) || CHECKING.has(callee.name?.text);
}

const isAlternative = (node) => ts.isBlock(node) && (ts.isIfStatement(node.parent) || ts.isCatchClause(node.parent));

function functionOf(node) {
  for (let at = node.parent; at; at = at.parent) {
    if ((ts.isFunctionDeclaration(at) || ts.isMethodDeclaration(at)) && at.name) return at.name.getText();
    const declared = ts.isArrowFunction(at) && ts.isVariableDeclaration(at.parent);
    if (declared && ts.isSourceFile(at.parent.parent.parent.parent)) return at.parent.name.getText();
  }
  return 'module';
}

function textOf(node) {
  const text = node.getText().replace(/\s+/g, ' ');
  return text.length > 90 ? `${text.slice(0, 60)} ... ${text.slice(-25)}` : text;
}

/** Files below a folder whose path matches one of the patterns, sorted. */
function filesMatching(root, patterns) {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => patterns.some((one) => one.test(file)))
    .sort();
}

/** Names of the checks of a file below a folder. */
const checksIn = (root, file) => instrument(file, readFileSync(path.join(root, file), 'utf8')).checks;

module.exports = { SWITCH, checksIn, filesMatching, instrument };
