import { WINDOWS_ZONES } from '../../lib/units/windows-zones';

/** What expressions of a run may ask for. */
export interface Surroundings {
  readonly body: (action: string) => unknown;
  readonly outputs: (action: string) => unknown;
  readonly variables: (name: string) => unknown;
  readonly trigger: unknown;
  /** How an action ended. */
  readonly status?: (action: string) => string | null;
  readonly item?: unknown;
  readonly now: () => Date;
}

/** A text of a workflow definition: an expression after `@`, expressions in `@{...}`, or itself. */
export function valueOf(text: string, around: Surroundings): unknown {
  if (text.startsWith('@') && !text.startsWith('@{')) return evaluate(text.slice(1), around);
  return text.replace(/@\{((?:'(?:''|[^'])*'|[^'}])*)\}/g, (_, expression: string) => {
    const value = evaluate(expression, around);
    return typeof value === 'string' ? value : JSON.stringify(value ?? '');
  });
}

/** The same for every text in a value. */
export function resolved(value: unknown, around: Surroundings): unknown {
  if (typeof value === 'string') return valueOf(value, around);
  if (Array.isArray(value)) return value.map((one) => resolved(one, around));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one, around)]));
}

const TOKEN = /\s*('(?:''|[^'])*'|-?\d+|[A-Za-z]\w*|\?\[|[[\](),])/y;

function evaluate(expression: string, around: Surroundings): unknown {
  TOKEN.lastIndex = 0;
  const tokens: string[] = [];
  while (TOKEN.lastIndex < expression.length) {
    const match = TOKEN.exec(expression);
    if (!match) throw new Error(`not understood: ${expression}`);
    tokens.push(match[1] ?? '');
  }
  const reader = { tokens, at: 0 };
  const value = term(reader, around);
  if (reader.at !== tokens.length) throw new Error(`more than an expression: ${expression}`);
  return value;
}

interface Reader {
  readonly tokens: readonly string[];
  at: number;
}

function term(reader: Reader, around: Surroundings): unknown {
  const token = reader.tokens[reader.at++] ?? '';
  let value: unknown;
  if (token.startsWith("'")) value = token.slice(1, -1).replaceAll("''", "'");
  else if (/^-?\d/.test(token)) value = Number(token);
  else if (token === 'true' || token === 'false') value = token === 'true';
  else if (token === 'null') value = null;
  else value = call(token, argumentsOf(reader, around), around);
  for (;;) {
    const open = reader.tokens[reader.at];
    if (open !== '[' && open !== '?[') return value;
    reader.at += 1;
    const key = term(reader, around);
    if (reader.tokens[reader.at++] !== ']') throw new Error('a bracket stays open');
    if (value === null || value === undefined) {
      if (open === '[') throw new Error(`nothing has no ${String(key)}`);
      value = null;
    } else value = (value as Record<string, unknown>)[String(key)] ?? null;
  }
}

function argumentsOf(reader: Reader, around: Surroundings): unknown[] {
  if (reader.tokens[reader.at++] !== '(') throw new Error('a function without brackets');
  const values: unknown[] = [];
  while (reader.tokens[reader.at] !== ')') {
    values.push(term(reader, around));
    if (reader.tokens[reader.at] === ',') reader.at += 1;
  }
  reader.at += 1;
  return values;
}

/** https://learn.microsoft.com/azure/logic-apps/workflow-definition-language-functions-reference */
function call(name: string, values: readonly unknown[], around: Surroundings): unknown {
  const [a, b, c] = values;
  switch (name) {
    case 'equals':
      return a === b;
    case 'not':
      return a !== true;
    case 'and':
      return values.every((one) => one === true);
    case 'or':
      return values.some((one) => one === true);
    case 'if':
      return a === true ? b : c;
    case 'coalesce':
      return values.find((one) => one !== null && one !== undefined) ?? null;
    case 'contains':
      return typeof a === 'string' ? a.includes(String(b)) : (a as readonly unknown[]).includes(b);
    case 'createArray':
      return values;
    case 'greater':
      return Number(a) > Number(b);
    case 'greaterOrEquals':
      return Number(a) >= Number(b);
    case 'less':
      return Number(a) < Number(b);
    case 'add':
      return Number(a) + Number(b);
    case 'sub':
      return Number(a) - Number(b);
    case 'div':
      return Math.trunc(Number(a) / Number(b));
    case 'int':
      if (!/^-?\d+$/.test(String(a))) throw new Error(`nothing has no number: ${String(a)}`);
      return Number(a);
    case 'string':
      return typeof a === 'string' ? a : JSON.stringify(a ?? '');
    case 'concat':
      return values.join('');
    case 'split':
      return String(a).split(String(b));
    case 'startsWith':
      return String(a).startsWith(String(b));
    case 'setProperty':
      return { ...(a as Record<string, unknown>), [String(b)]: c };
    case 'actions':
      return { status: around.status?.(String(a)) ?? null };
    case 'length':
      return (a as readonly unknown[]).length;
    case 'body':
      return around.body(String(a));
    case 'outputs':
      return around.outputs(String(a));
    case 'variables':
      return around.variables(String(a));
    case 'trigger':
      return around.trigger;
    case 'item':
      return around.item;
    case 'ticks':
      // Since another day than the service's own: only differences count.
      return Date.parse(String(a)) * 10_000;
    case 'utcNow':
      return around.now().toISOString();
    case 'addSeconds':
      return new Date(Date.parse(String(a)) + Number(b) * 1000).toISOString();
    case 'addMinutes':
      return new Date(Date.parse(String(a)) + Number(b) * 60_000).toISOString();
    case 'formatDateTime':
      return dotNetDate(String(a), String(b));
    case 'convertFromUtc':
      return wallClock(String(a), String(b));
    case 'dayOfMonth':
      return Number(String(a).slice(8, 10));
    default:
      throw new Error(`no function ${name}`);
  }
}

function dotNetDate(at: string, format: string): string {
  const iso = new Date(at).toISOString();
  const parts: Readonly<Record<string, string>> = {
    yyyy: iso.slice(0, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
  };
  return format.replace(/yyyy|MM|dd|HH|mm|ss/g, (part) => parts[part] ?? '');
}

function wallClock(at: string, windowsZone: string): string {
  const [timeZone] = (WINDOWS_ZONES[windowsZone] ?? '').split(' ');
  if (!timeZone) throw new Error(`no zone ${windowsZone}`);
  return new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    .format(new Date(at))
    .replace(' ', 'T');
}
