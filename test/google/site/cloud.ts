import { need } from '../../plan/support';
import { resources } from '../../terraform/synth-stack';
import { Raised, runWorkflow } from '../workflow-interpreter';
import type { Made } from './fixture';
import type { Value } from '../workflow-expression';

/** How the Google around a workflow answers. */
export interface CloudProps {
  /** Objects of the bucket that are there before. */
  readonly objects?: Readonly<Record<string, string>>;
  /** Whether the primary answers where it is asked. @default false */
  readonly primaryAnswers?: boolean;
  /** Exit code of what a machine is told, to every word or to some. @default 0 */
  readonly machineExit?: number | Readonly<Record<string, number>>;
  /** Machines that answer to the balancer, of those that there are. @default all */
  readonly healthy?: number;
  readonly targetSize?: number;
  readonly machineStatus?: string;
  /** Policy of the managed database before. @default NEVER, of one that follows ALWAYS */
  readonly policy?: string;
  readonly databases?: readonly string[];
  /** States of the managed database, one look after the other; the last goes on. @default RUNNABLE */
  readonly databaseStates?: readonly string[];
  /** So many changes of the managed database are refused, since another one is under way. @default 0 */
  readonly conflicts?: number;
  /** Whether the replica was promoted before. @default false */
  readonly promoted?: boolean;
  /** What the service says to backups of what was promoted. @default - it takes them */
  readonly backupsRefused?: number;
  /** Exit codes of containers, one after the other; the last goes on. @default [0] */
  readonly exits?: readonly number[];
  /** Seconds from the beginning for which a restore is seen that another execution began. @default 0 */
  readonly restoring?: { readonly workflow?: number; readonly job?: number };
  /** How often each place reached the primary of late, as a share of 1. @default - six places, none of them ever */
  readonly places?: readonly number[];
  /** Seconds that the database is behind, if anybody says so. @default - an hour */
  readonly behind?: number | undefined;
  /** What Cloud Monitoring says to any question. @default - it answers it */
  readonly monitoringRefuses?: number;
  /** Whether an activation is under way that another execution began. @default false */
  readonly activating?: boolean;
  /** So many changes of a name are refused. @default 0 */
  readonly namesRefused?: number;
  /** Whether the answer to what writes the state is lost, though it is written. @default never */
  readonly lostAt?: (status: string) => boolean;
  /** Happens before a question is answered. */
  readonly meanwhile?: (url: string, cloud: CloudState) => void;
}

export interface CloudState {
  readonly objects: Map<string, { readonly text: string; readonly generation: number }>;
  write(name: string, text: string): void;
}

export interface Ran {
  readonly did: readonly string[];
  readonly logs: readonly Readonly<Record<string, unknown>>[];
  readonly value: Value;
  readonly raised: Value;
  readonly seconds: number;
  readonly objects: Readonly<Record<string, string>>;
  readonly record: Readonly<Record<string, unknown>> | undefined;
  /** Arguments of containers. */
  readonly words: readonly (readonly string[])[];
}

const STARTED = 1_790_000_000;

/** Runs a workflow of the template itself. */
export function run({ stack }: Made, does: string, argument: Value, props: CloudProps = {}): Ran {
  const workflow = need(
    resources(stack, 'google_workflows_workflow').find(({ name }) => String(name).endsWith(`-${does}`)),
    does,
  );
  // As Terraform hands it over: what is escaped is literal then.
  const source: unknown = JSON.parse(String(workflow.source_contents).replaceAll('$${', '${'));
  const env = workflow.user_env_vars as Readonly<Record<string, string>>;
  let now = STARTED;
  const follows = resources(stack, 'google_sql_database_instance').some((one) => 'master_instance_name' in one);
  let [policy, targetSize, status] = [
    props.policy ?? (follows ? 'ALWAYS' : 'NEVER'),
    props.targetSize ?? 0,
    props.machineStatus ?? 'RUNNING',
  ];
  let [replica, told, runs, conflicts, looks] = [props.promoted !== true, '', 0, props.conflicts ?? 0, 0];
  let names = 0;
  const did: string[] = [];
  const words: string[][] = [];
  const logs: Readonly<Record<string, unknown>>[] = [];
  const objects: CloudState['objects'] = new Map();
  const write = (name: string, text: string) =>
    void objects.set(name, { text, generation: (objects.get(name)?.generation ?? 0) + 1 });
  for (const [name, text] of Object.entries(props.objects ?? {})) write(name, text);

  const storage = (method: string, url: URL, body: Value) => {
    const [, named] = /^\/storage\/v1\/b\/[^/]+\/o\/(.+)$/.exec(url.pathname) ?? [];
    const name = decodeURIComponent(named ?? url.searchParams.get('name') ?? '');
    const found = objects.get(name);
    if (method === 'GET') {
      if (!found) throw new Raised({ code: 404 });
      if (url.searchParams.get('alt') !== 'media') return { generation: String(found.generation) };
      return name.endsWith('.json') ? (JSON.parse(found.text) as Value) : found.text;
    }
    if (String(found?.generation ?? 0) !== url.searchParams.get('ifGenerationMatch')) throw new Raised({ code: 412 });
    write(name, typeof body === 'string' ? body : JSON.stringify(body));
    if (name === 'records/state.json') {
      const { status: word } = body as { status: string };
      did.push(`state ${word}`);
      if (props.lostAt?.(word) === true) throw new Raised({ code: 503 });
    }
    if (name.startsWith('lease/')) did.push(`lease ${String(body).trim().replace(/ \d+$/, '')}`);
    return { generation: String(objects.get(name)?.generation) };
  };
  const compute = ({ pathname, search }: URL, body: Value) => {
    if (pathname.endsWith('/resize')) {
      targetSize = Number(new URLSearchParams(search).get('size'));
      did.push(`size ${targetSize}`);
      return {};
    }
    if (pathname.endsWith('/getHealth')) {
      const healthy = Math.min(props.healthy ?? targetSize, targetSize);
      return { healthStatus: Array.from({ length: healthy }, () => ({ healthState: 'HEALTHY' })) };
    }
    if (pathname.includes('/instanceGroupManagers/')) return { targetSize };
    if (pathname.endsWith('/autoscalers')) {
      did.push(`autoscaler ${(body as { autoscalingPolicy: { mode: string } }).autoscalingPolicy.mode}`);
      return {};
    }
    if (pathname.endsWith('/start') || pathname.endsWith('/stop')) {
      status = pathname.endsWith('/start') ? 'RUNNING' : 'TERMINATED';
      did.push(pathname.endsWith('/start') ? 'machine on' : 'machine off');
      return {};
    }
    if (pathname.endsWith('/setMetadata')) {
      const { items } = body as { items: { key: string; value: string }[] };
      expect(items.map(({ key }) => key)).toContain('startup-script');
      told = items.find(({ key }) => key === 'hypdr-activation')?.value ?? '';
      did.push(told.split(' ')[0] ?? '');
      return {};
    }
    if (pathname.endsWith('/getGuestAttributes')) {
      if (told === '') throw new Raised({ code: 404 });
      const [word = '', run] = told.split(' ');
      const { machineExit = 0 } = props;
      const exit = typeof machineExit === 'number' ? machineExit : (machineExit[word] ?? 0);
      return { queryValue: { items: [{ value: `${run} ${exit} what it said` }] } };
    }
    return { status, metadata: { fingerprint: 'f', items: [{ key: 'startup-script', value: '' }] } };
  };
  const sql = (method: string, { pathname }: URL, body: Value) => {
    if (pathname.includes('/operations/')) return { status: 'DONE' };
    if (method !== 'GET' && conflicts > 0) {
      conflicts -= 1;
      throw new Raised({ code: 409 });
    }
    if (pathname.endsWith('/promoteReplica')) {
      replica = false;
      did.push('promote');
    } else if (pathname.endsWith('/users')) did.push(`password ${(body as { password: string }).password}`);
    else if (method === 'DELETE') did.push(`drop ${pathname.split('/').pop()}`);
    else if (pathname.endsWith('/databases'))
      return { items: ['postgres', ...(props.databases ?? ['shop'])].map((name) => ({ name })) };
    else if (method === 'PATCH') {
      const { settings } = body as { settings: { activationPolicy?: string; backupConfiguration?: object } };
      if (settings.backupConfiguration) {
        if (props.backupsRefused !== undefined) throw new Raised({ code: props.backupsRefused });
        did.push('backups');
      }
      if (settings.activationPolicy !== undefined) {
        policy = settings.activationPolicy;
        did.push(`database ${policy}`);
      }
    } else
      return {
        // Also of one that its owner stopped.
        state: props.databaseStates?.[Math.min((looks += 1), props.databaseStates.length) - 1] ?? 'RUNNABLE',
        settings: { activationPolicy: policy },
        instanceType: replica ? 'READ_REPLICA_INSTANCE' : 'CLOUD_SQL_INSTANCE',
      };
    return { name: 'operation' };
  };
  const isUntil = (seconds = 0) => now < STARTED + seconds;
  const monitoring = ({ pathname, searchParams }: URL) => {
    if (props.monitoringRefuses !== undefined) throw new Raised({ code: props.monitoringRefuses });
    const [filter, from, until, period, aligner, reducer, by] = [
      ...['filter', 'interval.startTime', 'interval.endTime', 'aggregation.alignmentPeriod'],
      ...['aggregation.perSeriesAligner', 'aggregation.crossSeriesReducer', 'aggregation.groupByFields'],
    ].map((name) => searchParams.get(name));
    // One point a series: the whole of the interval.
    expect([pathname, (Date.parse(until ?? '') - Date.parse(from ?? '')) / 1000]).toEqual([
      '/v3/projects/p/timeSeries',
      Number(period?.replace('s', '')),
    ]);
    const series = (values: readonly object[]) =>
      values.length === 0 ? {} : { timeSeries: values.map((value) => ({ points: [{ value }] })) };
    if (filter?.includes('uptime_check/check_passed') === true) {
      const how = ['ALIGN_FRACTION_TRUE', 'REDUCE_MAX', 'metric.labels.checker_location'];
      expect([aligner, reducer, by]).toEqual(how);
      return series((props.places ?? [0, 0, 0, 0, 0, 0]).map((doubleValue) => ({ doubleValue })));
    }
    const behind = 'behind' in props ? props.behind : 3600;
    const isReplica = filter?.includes('replica_lag') === true;
    if (!isReplica) expect(filter).toMatch(/logging[.]googleapis[.]com[/]user[/]\w+_lag_seconds/);
    expect([aligner, reducer, by]).toEqual([isReplica ? 'ALIGN_MIN' : 'ALIGN_PERCENTILE_05', 'REDUCE_MIN', null]);
    if (behind === undefined) return series([]);
    return series([isReplica ? { int64Value: String(behind) } : { doubleValue: behind }]);
  };
  const executions = (method: string, { pathname, searchParams }: URL, body: Value) => {
    if (/[/]workflows[/][^/]*activate[^/]*[/]executions$/.test(pathname)) {
      if (method === 'POST') {
        did.push(`start ${(body as { argument: string }).argument}`);
        return {};
      }
      expect(searchParams.get('filter')).toBe('state="ACTIVE"');
      return props.activating === true ? { executions: [{ state: 'ACTIVE' }] } : {};
    }
    expect([pathname, searchParams.get('filter')]).toEqual([
      expect.stringMatching(/[/]workflows[/][^/]*restore[^/]*[/]executions$/),
      'state="ACTIVE"',
    ]);
    return isUntil(props.restoring?.workflow) ? { executions: [{ state: 'ACTIVE' }] } : {};
  };
  const cloudRun = (method: string, url: URL, body: Value) => {
    if (method === 'GET' && /[/]jobs[/][^/]*restore[^/]*$/.test(url.pathname)) {
      const last = {
        name: 'last',
        createTime: 'before',
        ...(!isUntil(props.restoring?.job) && { completionTime: 'now' }),
      };
      return props.restoring ? { latestCreatedExecution: last } : {};
    }
    if (method === 'POST') {
      const { overrides } = body as { overrides: { containerOverrides: { args: string[] }[] } };
      words.push(overrides.containerOverrides[0]?.args ?? []);
      runs += 1;
      did.push('restore');
      return { metadata: { name: `executions/${runs}` } };
    }
    const exit = props.exits?.[Math.min(runs, props.exits.length) - 1] ?? 0;
    if (!url.pathname.endsWith('/tasks')) return { completionTime: 'now', ...(exit === 0 && { succeededCount: 1 }) };
    return { tasks: [{ lastAttemptResult: exit === 0 ? { status: {} } : { exitCode: exit } }] };
  };
  const request = ({ method, url, body }: Readonly<Record<string, Value>>): Value => {
    const at = new URL(String(url));
    props.meanwhile?.(String(url), { objects, write });
    const how = String(method);
    if (at.host === 'storage.googleapis.com') return { body: storage(how, at, body) };
    if (at.host === 'compute.googleapis.com') return { body: compute(at, body) };
    if (at.host === 'sqladmin.googleapis.com') return { body: sql(how, at, body) };
    if (at.host === 'workflowexecutions.googleapis.com') return { body: executions(how, at, body) };
    if (at.host === 'monitoring.googleapis.com') return { body: monitoring(at) };
    if (at.host === 'run.googleapis.com') return { body: cloudRun(how, at, body) };
    if (at.host === 'secretmanager.googleapis.com')
      return { body: { payload: { data: Buffer.from('s3cret').toString('base64') } } };
    if (at.host === 'dns.googleapis.com') {
      if ((names += 1) <= (props.namesRefused ?? 0)) throw new Raised({ code: 403 });
      did.push(`name ${(body as { rrdatas: string[] }).rrdatas.join()}`);
      return { body: {} };
    }
    if (props.primaryAnswers !== true) throw new Raised({ code: 503 });
    return { body: 'ok' };
  };

  let [value, raised]: [Value, Value] = [undefined, undefined];
  try {
    value = runWorkflow(source, argument, {
      calls: {
        'http.request': request,
        'http.get': (args) => request({ ...args, method: 'GET' }),
        'http.post': (args) => request({ ...args, method: 'POST' }),
        'sys.sleep': (args) => void (now += Number(args.seconds)),
        'sys.log': ({ json, severity }) => void logs.push({ ...(json as object), severity }),
      },
      functions: {
        'sys.now': () => now,
        'sys.get_env': (name) =>
          ({
            GOOGLE_CLOUD_PROJECT_ID: 'p',
            GOOGLE_CLOUD_LOCATION: 'l',
            GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID: 'run-1',
            ...env,
          })[String(name)],
        'time.format': (seconds) => new Date(Number(seconds) * 1000).toISOString(),
        double: (from) => Number(from),
        int: (from) => Math.trunc(Number(from)),
        string: (from) => String(from),
        len: (list) => (list as readonly Value[]).length,
        if: (condition, yes, no) => (condition === true ? yes : no),
        default: (given, otherwise) => given ?? otherwise,
        'list.concat': (list, one) => [...(list as readonly Value[]), one],
        'map.get': (map, key) => (map as Readonly<Record<string, Value>>)[String(key)] ?? null,
        'json.encode_to_string': (given) => JSON.stringify(given),
        'text.match_regex': (text, form) => new RegExp(String(form)).test(String(text)),
        'text.split': (text, by) => String(text).split(String(by)),
        'text.url_encode': (text) => encodeURIComponent(String(text)),
        'text.decode': (bytes) => (bytes as Buffer).toString('utf8'),
        'base64.decode': (text) => Buffer.from(String(text), 'base64'),
      },
    });
  } catch (error) {
    if (!(error instanceof Raised)) throw error;
    raised = error.value;
  }
  const texts = Object.fromEntries([...objects].map(([name, { text }]) => [name, text]));
  const kept = Object.keys(texts).find((name) => /^records\/\d+-/.test(name));
  return {
    ...{ did, logs, value, raised, words, objects: texts, seconds: now - STARTED },
    record: kept === undefined ? undefined : (JSON.parse(texts[kept] ?? '') as Readonly<Record<string, unknown>>),
  };
}

export const granted = (site: string) => ({ [`lease/${site}`]: 'granted 3 1780000000\n' });
export const state = (status: string, more: object = {}) => ({
  'records/state.json': JSON.stringify({ status, run: 'another', until: STARTED + 3600, ...more }),
});
