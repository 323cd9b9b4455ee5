import jsonata from 'jsonata';
import { renderStartMachine } from '../../lib/aws/start-machine';
import type { ListedStart } from '../../lib/aws/start-machine';

const ACCOUNT = '111122223333';
export const TASK_MACHINE = `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:hypnoscript-backup-1of1`;

export const START_NAMES = {
  partition: 'aws',
  account: ACCOUNT,
  bucket: `cdk-hnb659fds-assets-${ACCOUNT}-eu-west-1`,
  taskMachine: TASK_MACHINE,
  topic: `arn:aws:sns:eu-west-1:${ACCOUNT}:hypnoscript-backup-failures`,
  roles: {
    runs: { writer: 'role/writer', verifier: 'role/verifier', pruner: 'role/pruner' },
    copies: { writer: 'role/copier', verifier: 'role/verifier', pruner: 'role/pruner' },
  },
  runner: { runner: 'https://s3.eu-west-1.amazonaws.com/assets/runner.js', runnerSha256: '0'.repeat(64) },
} as const;

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Timestamp?: string;
  readonly Output?: unknown;
  readonly Arguments?: unknown;
  readonly Retry?: readonly { readonly ErrorEquals: readonly string[]; readonly MaxAttempts: number }[];
  readonly Catch?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly Output: unknown;
    readonly Next: string;
  }[];
}

interface MapState extends State {
  readonly ItemReader: { readonly Arguments: unknown };
  readonly ItemSelector: unknown;
  readonly ItemProcessor: { readonly StartAt: string; readonly States: Readonly<Record<string, State>> };
}

/** An execution that a list started. */
export interface Started {
  /** When its item began to wait until. */
  readonly at: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface ListWorld {
  /** The list that S3 has; `undefined` where it is gone. */
  readonly list: readonly ListedStart[] | undefined;
  readonly scheduled: string;
  /** Called for each start; throws the error's name. */
  readonly start?: (task: string) => void;
}

/**
 * Goes through a list as Step Functions does: JSONata states, whose language is the one that the service uses. The
 * interpreter of the task's own machine knows JSONPath only.
 * https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 */
export async function goThrough({ list, scheduled, start = () => undefined }: ListWorld) {
  const started: Started[] = [];
  const messages: string[] = [];
  const machine = JSON.parse(JSON.stringify(renderStartMachine(START_NAMES))) as {
    readonly States: Readonly<Record<string, State>> & { readonly Starts: MapState };
  };
  const input = { list: 'hypnoscript-backup-1of1/list.json', scheduled };
  const { Starts } = machine.States;
  const read = await fill(Starts.ItemReader.Arguments, { input });

  const waits = new Map<object, string>();
  const run = async (states: Readonly<Record<string, State>>, from: string, first: object): Promise<string> => {
    let [name, data]: [string, object] = [from, first];
    for (;;) {
      const state = states[name];
      if (!state) throw new Error(`there is no state ${name}`);
      if (state.Type === 'Wait') waits.set(first, String(await fill(state.Timestamp, { input: data })));
      if (state.Type === 'Fail' || state.Type === 'Succeed') return state.Type;
      const failed = state.Type === 'Task' ? await task(state, data, first) : undefined;
      if (failed) {
        const [caught] = state.Catch ?? [];
        if (!caught) return 'Fail';
        data = (await fill(caught.Output, { input: data, errorOutput: { Error: failed } })) as object;
        name = caught.Next;
        continue;
      }
      if (state.Output !== undefined) data = (await fill(state.Output, { input: data })) as object;
      if (state.End) return 'Succeed';
      name = state.Next ?? '';
    }
  };

  const task = async (state: State, data: object, first: object): Promise<string | undefined> => {
    const told = (await fill(state.Arguments, { input: data })) as Record<string, unknown>;
    if (state.Resource?.endsWith('sns:publish')) {
      messages.push(String(told.Message));
      return undefined;
    }
    const asked = told.Input as Record<string, unknown>;
    const tries = 1 + (state.Retry?.[0]?.MaxAttempts ?? 0);
    for (let attempt = 1; ; attempt += 1) {
      try {
        start(String(asked.task));
        expect(told.StateMachineArn).toBe(TASK_MACHINE);
        started.push({ at: waits.get(first) ?? '', input: asked });
        return undefined;
      } catch (error) {
        if (attempt === tries) return (error as Error).message;
      }
    }
  };

  if (!list) {
    const [caught] = Starts.Catch ?? [];
    if (!caught) throw new Error('nothing is caught');
    const data = await fill(caught.Output, { input, errorOutput: { Error: 'States.ItemReaderFailed' } });
    const status = await run(machine.States, caught.Next, data as object);
    return { read, status, started, messages };
  }
  for (const Value of list) {
    const item = await fill(Starts.ItemSelector, { input, context: { Map: { Item: { Value } } } });
    await run(Starts.ItemProcessor.States, Starts.ItemProcessor.StartAt, item as object);
  }
  return { read, status: await run(machine.States, Starts.Next ?? '', {}), started, messages };
}

/** A payload with its expressions filled in. */
async function fill(value: unknown, states: object): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map((one) => fill(one, states)));
  if (typeof value === 'object' && value !== null) {
    const filled = Object.entries(value).map(async ([key, one]) => [key, await fill(one, states)] as const);
    return Object.fromEntries(await Promise.all(filled));
  }
  const [, expression] = typeof value === 'string' ? (/^\{%(.*)%\}$/s.exec(value) ?? []) : [];
  if (expression === undefined) return value;
  const compiled = jsonata(expression);
  // Of the service's own: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
  compiled.registerFunction('parse', (text: string) => JSON.parse(text) as unknown);
  const result: unknown = await compiled.evaluate({}, { states });
  if (result === undefined) throw new Error(`${expression} gives nothing`);
  // Lists of JSONata have marks of their own.
  return JSON.parse(JSON.stringify(result)) as unknown;
}
