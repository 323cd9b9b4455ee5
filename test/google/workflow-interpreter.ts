import { evaluate } from './workflow-expression';
import type { Functions, Value, Variables } from './workflow-expression';

/**
 * Runs a workflow of Google Workflows in memory, with the steps that ours has: assign, call, switch, next, return,
 * raise, try with except or retry. Whatever else stands in the source is refused.
 * https://cloud.google.com/workflows/docs/reference/syntax
 */

/** A blocking call: http.get, http.post, sys.sleep, sys.log. */
export interface Call {
  readonly name: string;
  readonly args: Readonly<Record<string, Value>>;
}

export interface World {
  readonly calls: Readonly<Record<string, (args: Call['args']) => Value>>;
  readonly functions: Functions;
}

export class Raised extends Error {
  constructor(readonly value: Value) {
    super(JSON.stringify(value));
  }
}

type Body = Readonly<Record<string, unknown>>;
type Step = readonly [name: string, body: Body];
type Source = Readonly<Record<string, { readonly params?: readonly string[]; readonly steps: readonly Body[] }>>;
type Outcome = { readonly kind: 'next'; readonly step: string } | { readonly kind: 'return'; readonly value: Value };

const KEYS = new Set([
  'assign',
  'call',
  'args',
  'result',
  'switch',
  'next',
  'return',
  'raise',
  'try',
  'except',
  'retry',
  'steps',
]);
const MOST_STEPS = 100_000;

const BLOCKING = new Set(['http.get', 'http.post', 'http.request', 'sys.sleep', 'sys.log']);

/** Runs a workflow whose calls are answered at once. */
export function runWorkflow(source: unknown, argument: Value, { calls, functions }: World): Value {
  const execution = execute(source, argument, functions);
  let step = execution.next();
  while (!step.done) {
    const { name, args } = step.value;
    try {
      step = execution.next((calls[name] ?? fail(`no call ${name}`))(args));
    } catch (error) {
      if (!(error instanceof Raised) || step.done) throw error;
      step = execution.throw(error);
    }
  }
  return step.value;
}

/** Runs a workflow whose calls take their time. */
export async function runWorkflowSlowly(source: unknown, argument: Value, { calls, functions }: World): Promise<Value> {
  const execution = execute(source, argument, functions);
  let step = execution.next();
  while (!step.done) {
    const { name, args } = step.value;
    step = execution.next(await (calls[name] ?? fail(`no call ${name}`))(args));
  }
  return step.value;
}

type Running<T> = Generator<Call, T, Value>;

function* execute(source: unknown, argument: Value, functions: Functions): Running<Value> {
  const workflow = source as Source;
  let count = 0;

  const runNamed = function* (name: string, args: Readonly<Record<string, Value>>): Running<Value> {
    const { params = [], steps } = workflow[name] ?? fail(`no workflow ${name}`);
    for (const key of Object.keys(args)) if (!params.includes(key)) fail(`${name} takes no ${key}`);
    const variables: Record<string, Value> = {};
    for (const param of params) {
      if (!(param in args)) fail(`${name} lacks ${param}`);
      variables[param] = args[param];
    }
    const outcome = yield* runSteps(stepsOf(steps), variables);
    return outcome?.kind === 'return' ? outcome.value : null;
  };

  const runSteps = function* (steps: readonly Step[], variables: Record<string, Value>): Running<Outcome | undefined> {
    const at = (name: string) => {
      const index = steps.findIndex(([own]) => own === name);
      return index < 0 ? fail(`no step ${name}`) : index;
    };
    for (let index = 0; index < steps.length;) {
      if (++count > MOST_STEPS) fail('more steps than an execution may have');
      const [, body] = steps[index] ?? fail('no step');
      const outcome = yield* runStep(body, variables);
      if (outcome?.kind === 'return') return outcome;
      index = outcome ? at(outcome.step) : index + 1;
    }
    return undefined;
  };

  const runStep = function* (body: Body, variables: Record<string, Value>): Running<Outcome | undefined> {
    for (const key of Object.keys(body)) if (!KEYS.has(key)) fail(`a step has "${key}"`);
    const given = (value: unknown) => resolve(value, variables, functions);
    if ('steps' in body) return yield* runSteps(stepsOf(body.steps as readonly Body[]), variables);
    if ('try' in body) yield* runTry(body, variables);
    if ('assign' in body) assign(body.assign as readonly Body[], variables, given);
    if ('call' in body) yield* call(body, variables, given);
    if ('raise' in body) throw new Raised(given(body.raise));
    for (const one of (body.switch as readonly Body[] | undefined) ?? []) {
      if (given(one.condition) !== true) continue;
      if ('return' in one) return { kind: 'return', value: given(one.return) };
      return { kind: 'next', step: String(one.next) };
    }
    if ('return' in body) return { kind: 'return', value: given(body.return) };
    return 'next' in body ? { kind: 'next', step: String(body.next) } : undefined;
  };

  const runTry = function* ({ try: tried, retry, except }: Body, variables: Record<string, Value>): Running<void> {
    const policy = retry as { readonly max_retries?: number } | string | undefined;
    const most = typeof policy === 'object' ? (policy.max_retries ?? 0) : policy === undefined ? 0 : 5;
    for (let attempt = 0; ; attempt += 1) {
      try {
        yield* runStep(tried as Body, variables);
        return;
      } catch (error) {
        if (!(error instanceof Raised)) throw error;
        const code = (error.value as { readonly code?: number }).code;
        if (policy !== undefined && code !== undefined && [429, 503].includes(code) && attempt < most) continue;
        if (!except) throw error;
        const { as, steps } = except as { readonly as: string; readonly steps: readonly Body[] };
        const known = new Set(Object.keys(variables));
        variables[as] = error.value;
        yield* runSteps(stepsOf(steps), variables);
        // What is first named in such a block is nobody's outside of it.
        for (const name of Object.keys(variables)) if (!known.has(name)) Reflect.deleteProperty(variables, name);
        return;
      }
    }
  };

  const call = function* (
    body: Body,
    variables: Record<string, Value>,
    given: (value: unknown) => Value,
  ): Running<void> {
    const name = String(body.call);
    const args = given(body.args ?? {}) as Readonly<Record<string, Value>>;
    const value = BLOCKING.has(name) ? yield { name, args } : yield* runNamed(name, args);
    if (typeof body.result === 'string') variables[body.result] = value;
  };

  return yield* runNamed('main', { run: argument });
}

function assign(list: readonly Body[], variables: Record<string, Value>, given: (value: unknown) => Value): void {
  for (const one of list) {
    for (const [target, value] of Object.entries(one)) {
      const [, list, index] = /^(\w+)\[(\d+)\]$/.exec(target) ?? [];
      if (list !== undefined) {
        const place = Number(index);
        const old = variables[list] as readonly Value[];
        if (place >= old.length) fail(`${list} has no ${place}`);
        variables[list] = old.map((one, at) => (at === place ? given(value) : one));
        continue;
      }
      const [name = '', key] = target.split('.');
      if (key === undefined) variables[name] = given(value);
      else variables[name] = { ...(variables[name] as object), [key]: given(value) };
    }
  }
}

/** A text that is one expression has the expression's value; nothing else in a text is one. */
function resolve(value: unknown, variables: Variables, functions: Functions): Value {
  if (typeof value === 'string') {
    const expression = /^\$\{([\s\S]*)\}$/.exec(value)?.[1];
    return expression === undefined ? value : evaluate(expression, variables, functions);
  }
  if (Array.isArray(value)) return value.map((one) => resolve(one, variables, functions));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolve(one, variables, functions)]));
}

function stepsOf(steps: readonly Body[]): readonly Step[] {
  const named = steps.map((one): Step => {
    const [[name, body], ...more] = Object.entries(one) as [string, Body][] as [[string, Body], ...unknown[]];
    return more.length > 0 ? fail(`a step has two names: ${name}`) : [name, body];
  });
  const names = named.map(([name]) => name);
  if (new Set(names).size < names.length) fail(`a name of a step stands twice: ${names.join()}`);
  return named;
}

function fail(message: string): never {
  throw new Error(message);
}
