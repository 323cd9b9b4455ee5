import type { FlowActions } from '../../lib/azure/task-flow';
import type { StackJson } from '../../lib/terraform/stack-json';
import { resolved, valueOf } from './flow-expression';
import type { Surroundings } from './flow-expression';

/** An answer of Azure's management; a failure has no body that is of use. */
export interface Answer {
  readonly ok: boolean;
  readonly body?: unknown;
  /** @default 200, or 500 of a failure */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Requested {
  readonly method: string;
  readonly uri: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FlowRun {
  readonly status: 'Succeeded' | 'Failed' | 'Cancelled';
  readonly error: { readonly code: string; readonly message: string } | undefined;
  readonly requests: readonly Requested[];
  /** Minutes that it took on its own clock. */
  readonly minutes: number;
}

type Action = Readonly<Record<string, unknown>>;
type Status = 'Succeeded' | 'Failed' | 'Skipped' | 'TimedOut';

/** Ends a run from within. */
class Terminated extends Error {
  constructor(
    readonly status: 'Failed' | 'Cancelled',
    readonly error: FlowRun['error'],
  ) {
    super(status);
  }
}

/** Schedules of hosts began long ago. */
const LONG_PAST = '2026-01-01T00:00:00Z';

/** Actions of a Logic App, as the template makes them: those that wait for nobody first. */
export function flowOf({ resource = {} }: StackJson, name: string, firstStart = LONG_PAST): FlowActions {
  const made = Object.entries(resource.azurerm_logic_app_action_custom ?? {}).filter(
    ([id]) => id.includes(`_flow_${name}_do_`) || id.startsWith(`${name}_do_`),
  );
  if (made.length === 0) throw new Error(`no flow ${name}`);
  const actions = made.map(([, { name: own, body }]) => {
    const text = String(body).replace(/\$\{local\.first_start_\w+\}/g, firstStart);
    return [String(own), JSON.parse(text) as Record<string, unknown>] as const;
  });
  refuseTwice(actions.flatMap(([own, action]) => [own, ...namesWithin(action)]));
  return actions;
}

/** The service takes no workflow in which two actions have one name, wherever they are. */
function refuseTwice(names: readonly string[]): void {
  const lower = names.map((one) => one.toLowerCase());
  const twice = names.filter((_, index) => lower.indexOf(lower[index] ?? '') !== index);
  if (twice.length > 0) throw new Error(`more than one action is called ${twice.join(', ')}`);
}

function namesWithin(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === 'actions' ? Object.keys(inner as object) : []),
    ...namesWithin(inner),
  ]);
}

/**
 * Runs the actions of a Logic App on a clock of its own: the kinds of actions that our flows have, by the rules of
 * https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers
 */
export function runFlow(
  actions: FlowActions,
  { started, ask }: { readonly started: string; readonly ask: (request: Requested, now: Date) => Answer },
): FlowRun {
  const begin = Date.parse(started);
  const world = new World(begin, ask);
  const done = (status: FlowRun['status'], error?: FlowRun['error']): FlowRun => ({
    status,
    error,
    requests: world.requests,
    minutes: (world.clock - begin) / 60_000,
  });
  try {
    const status = world.block(Object.fromEntries(actions));
    return done(status === 'Succeeded' ? 'Succeeded' : 'Failed');
  } catch (error) {
    if (!(error instanceof Terminated)) throw error;
    return done(error.status, error.error);
  }
}

class World {
  readonly requests: Requested[] = [];
  readonly #bodies = new Map<string, unknown>();
  readonly #outputs = new Map<string, unknown>();
  readonly #statuses = new Map<string, Status>();
  readonly #variables = new Map<string, unknown>();
  readonly #around: Surroundings;

  constructor(
    public clock: number,
    private readonly ask: (request: Requested, now: Date) => Answer,
  ) {
    const started = new Date(clock).toISOString();
    this.#around = {
      body: (name) => this.#bodies.get(name) ?? null,
      outputs: (name) => this.#outputs.get(name) ?? this.#bodies.get(name) ?? null,
      status: (name) => this.#statuses.get(name) ?? null,
      variables: (name) => {
        if (!this.#variables.has(name)) throw new Error(`no variable ${name}`);
        return this.#variables.get(name);
      },
      trigger: { name: 'On_time', startTime: started },
      now: () => new Date(this.clock),
    };
  }

  /** Actions side by side, each after those that it names; the last ones say how all of it ended. */
  block(actions: Readonly<Record<string, unknown>>): Status {
    const ended = new Map<string, Status>();
    const waiting = new Map(Object.entries(actions as Record<string, Action>));
    const before = (one: Action) => Object.entries((one.runAfter ?? {}) as Record<string, readonly string[]>);
    while (waiting.size > 0) {
      const [name, action] = [...waiting].find(([, one]) => before(one).every(([first]) => ended.has(first))) ?? [];
      if (name === undefined || !action) throw new Error(`these wait for nobody: ${[...waiting.keys()].join(', ')}`);
      waiting.delete(name);
      const runs = before(action).every(([first, statuses]) => statuses.includes(ended.get(first) ?? ''));
      ended.set(name, runs ? this.#run(name, action) : 'Skipped');
      this.#statuses.set(name, ended.get(name) ?? 'Skipped');
    }
    const followed = new Set(
      Object.values(actions as Record<string, Action>).flatMap((one) => before(one).map(([first]) => first)),
    );
    // What was skipped ended as that which it waited for in vain.
    const failed = (name: string): boolean => {
      const status = ended.get(name);
      if (status !== 'Skipped') return status !== 'Succeeded';
      return before(actions[name] as Action).some(([first]) => failed(first));
    };
    const leaves = [...ended.keys()].filter((name) => !followed.has(name));
    return leaves.some(failed) ? 'Failed' : 'Succeeded';
  }

  #run(name: string, action: Action): Status {
    const inputs = action.inputs as Record<string, unknown>;
    const around = this.#around;
    try {
      switch (action.type) {
        case 'Compose':
          this.#bodies.set(name, resolved(inputs, around));
          return 'Succeeded';
        case 'InitializeVariable':
          for (const one of inputs.variables as { name: string; value: unknown }[])
            this.#variables.set(one.name, one.value);
          return 'Succeeded';
        case 'SetVariable':
          this.#variables.set(String(inputs.name), resolved(inputs.value, around));
          return 'Succeeded';
        case 'AppendToArrayVariable': {
          const held = this.#variables.get(String(inputs.name)) as readonly unknown[];
          this.#variables.set(String(inputs.name), [...held, resolved(inputs.value, around)]);
          return 'Succeeded';
        }
        case 'Scope':
          return this.block(action.actions as Record<string, unknown>);
        case 'Http':
          return this.#http(name, inputs);
        case 'Wait':
          return this.#wait(inputs.interval as { count: number; unit: string });
        case 'Query':
          return this.#query(name, inputs);
        case 'Until':
          return this.#until(action);
        case 'If':
          return this.block(this.#choice(action));
        case 'Terminate': {
          const { runStatus, runError } = resolved(inputs, around) as {
            runStatus: 'Failed' | 'Cancelled';
            runError?: FlowRun['error'];
          };
          throw new Terminated(runStatus, runError);
        }
        default:
          throw new Error(`no action ${String(action.type)}`);
      }
    } catch (error) {
      // An expression that has no value fails its action and nothing else.
      if (error instanceof Error && error.message.startsWith('nothing has no')) return 'Failed';
      throw error;
    }
  }

  #http(name: string, inputs: Record<string, unknown>): Status {
    const { method, uri, body, headers } = resolved(inputs, this.#around) as unknown as Requested;
    const request = { method, uri, ...(body !== undefined && { body }), ...(headers && { headers }) };
    this.requests.push(request);
    const answer = this.ask(request, new Date(this.clock));
    this.#bodies.set(name, answer.ok ? answer.body : null);
    const { status: statusCode = answer.ok ? 200 : 500, headers: said = {} } = answer;
    this.#outputs.set(name, { statusCode, headers: said, body: answer.body });
    return answer.ok ? 'Succeeded' : 'Failed';
  }

  #wait({ count, unit }: { count: number; unit: string }): Status {
    this.clock += count * (unit === 'Minute' ? 60_000 : 1000);
    return 'Succeeded';
  }

  #query(name: string, { from, where }: Record<string, unknown>): Status {
    const items = valueOf(String(from), this.#around) as readonly unknown[];
    const kept = items.filter((item) => valueOf(String(where), { ...this.#around, item }) === true);
    this.#bodies.set(name, kept);
    return 'Succeeded';
  }

  #until(action: Action): Status {
    const { count } = action.limit as { count: number };
    for (let turn = 0; turn < count; turn++) {
      const status = this.block(action.actions as Record<string, unknown>);
      if (valueOf(String(action.expression), this.#around) === true) return status;
    }
    return 'TimedOut';
  }

  #choice(action: Action): Readonly<Record<string, unknown>> {
    const holds = this.#condition(action.expression);
    return (holds ? action.actions : (action.else as Action | undefined)?.actions) as Record<string, unknown>;
  }

  #condition(expression: unknown): boolean {
    const [[word, value] = ['', null]] = Object.entries(expression as Record<string, unknown>);
    const values = value as readonly unknown[];
    if (word === 'and') return values.every((one) => this.#condition(one));
    if (word === 'not') return !this.#condition(value);
    const [a, b] = values.map((one) => resolved(one, this.#around));
    if (word === 'less') return Number(a) < Number(b);
    if (word !== 'equals') throw new Error(`no condition ${word}`);
    return a === b;
  }
}
