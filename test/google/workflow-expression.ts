/**
 * Expressions of Google Workflows, as far as our workflow uses them: what is not known here fails, so that nothing of
 * the source is passed over. https://cloud.google.com/workflows/docs/reference/syntax/expressions
 */

export type Value = unknown;
export type Functions = Readonly<Record<string, (...args: Value[]) => Value>>;
export type Variables = Readonly<Record<string, Value>>;

const LONGEST = 400;
const TOKEN = /\s*("(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?|[A-Za-z_][A-Za-z0-9_]*|==|!=|<=|>=|\/\/|[-+*/%<>()[\].,])/y;
const KEYWORDS: Variables = { true: true, false: false, null: null };

/** Lowest first; each from left to right. */
const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!=', '<', '<=', '>', '>=', 'in'],
  ['+', '-'],
  ['*', '/', '%', '//'],
];

export function evaluate(text: string, variables: Variables, functions: Functions): Value {
  if (text.length > LONGEST) throw new Error(`an expression of ${text.length} characters: ${text}`);
  const tokens = tokenize(text);
  let at = 0;
  const peek = () => tokens[at] ?? '';
  const take = () => tokens[at++] ?? '';
  const expect = (token: string) => {
    if (take() !== token) throw new Error(`no ${token} at ${at - 1} of ${text}`);
  };

  const level = (depth: number): Value => {
    const operators = LEVELS[depth];
    if (!operators) return unary();
    let left = level(depth + 1);
    while (operators.includes(peek())) {
      const operator = take();
      left = apply(operator, left, level(depth + 1));
    }
    return left;
  };
  const unary = (): Value => {
    if (peek() === 'not') return take() && !level(2);
    if (peek() === '-') return take() && -number(unary());
    return postfix();
  };
  const postfix = (): Value => {
    let value = primary();
    for (;;) {
      if (peek() === '[') {
        take();
        value = member(value, level(0));
        expect(']');
      } else if (peek() === '.') {
        take();
        value = member(value, take());
      } else return value;
    }
  };
  const primary = (): Value => {
    const token = take();
    if (token === '(') {
      const value = level(0);
      expect(')');
      return value;
    }
    if (token.startsWith('"')) return JSON.parse(token) as string;
    if (/^\d/.test(token)) return Number(token);
    return named(token);
  };
  const named = (first: string): Value => {
    const call = [first];
    for (let ahead = at; tokens[ahead] === '.' && /^\w/.test(tokens[ahead + 1] ?? ''); ahead += 2) {
      call.push(tokens[ahead + 1] ?? '');
      if (tokens[ahead + 2] === '(') {
        at = ahead + 2;
        return called(call.join('.'));
      }
    }
    if (peek() === '(') return called(first);
    if (first in KEYWORDS) return KEYWORDS[first];
    if (!(first in variables)) throw new Error(`no variable ${first} in ${text}`);
    return variables[first];
  };
  const called = (name: string): Value => {
    expect('(');
    const args: Value[] = [];
    while (peek() !== ')') {
      args.push(level(0));
      if (peek() === ',') take();
    }
    expect(')');
    const implementation = functions[name];
    if (!implementation) throw new Error(`no function ${name} in ${text}`);
    return implementation(...args);
  };

  const value = level(0);
  if (at !== tokens.length) throw new Error(`"${peek()}" is left of ${text}`);
  return value;
}

function tokenize(text: string): readonly string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new Error(`no token at ${start} of ${text}`);
    tokens.push(match[1] ?? '');
  }
  return tokens;
}

function apply(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case 'or':
      return truth(left) || truth(right);
    case 'and':
      return truth(left) && truth(right);
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case 'in':
      if (typeof right !== 'object' || right === null) throw new Error(`"in" wants a map or a list`);
      return Array.isArray(right) ? right.includes(left) : String(left) in right;
    case '+':
      if (typeof left === 'string' && typeof right === 'string') return left + right;
      return number(left) + number(right);
    case '-':
      return number(left) - number(right);
    case '*':
      return number(left) * number(right);
    case '%':
      return number(left) % number(right);
    case '<':
      return number(left) < number(right);
    case '<=':
      return number(left) <= number(right);
    case '>':
      return number(left) > number(right);
    case '>=':
      return number(left) >= number(right);
    default:
      throw new Error(`operator ${operator} is not known here`);
  }
}

/** Text and numbers are not added to each other: the service refuses it. */
function number(value: Value): number {
  if (typeof value !== 'number') throw new Error(`${JSON.stringify(value)} is no number`);
  return value;
}

function truth(value: Value): boolean {
  if (typeof value !== 'boolean') throw new Error(`${JSON.stringify(value)} is no truth`);
  return value;
}

function member(value: Value, key: Value): Value {
  if (typeof value !== 'object' || value === null) throw new Error(`nothing has ${String(key)}`);
  if (!(String(key) in value)) throw new Error(`no key ${String(key)}`);
  return (value as Readonly<Record<string, Value>>)[String(key)];
}
