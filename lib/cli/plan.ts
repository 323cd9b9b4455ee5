import type { ProtectionPlan, RunSchedule, TaskManifest } from '../contract';
import { testRestoresOf } from '../plan';
import { scheduleText } from '../units';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { load } from './load';
import type { SpecOptions } from './load';
import { needPlan } from './need-plan';
import { siteSections } from './site-rows';
import { table } from './table';

export interface PlanOptions extends SpecOptions {
  readonly format: 'text' | 'json';
}

/** `hypdr plan`: the resolved ProtectionPlan. */
export function plan(paths: readonly string[], options: PlanOptions, host: Host): ExitCode {
  const answer = needPlan(load(paths, options, host), host);
  if ('exit' in answer) return answer.exit;
  host.stdout(options.format === 'json' ? `${JSON.stringify(answer.plan, null, 2)}\n` : renderPlan(answer.plan));
  return EXIT.fine;
}

function renderPlan(plan: ProtectionPlan): string {
  const testRestores = testRestoresOf(plan);
  const tasks = plan.tasks.map((task) => taskRow(task, testRestores.get(task.name)));
  const sections = [
    ['Tasks', table(['task', 'engine', 'runs in', 'window', 'runs', 'kept (days)'], tasks)],
    ['Stores', table(['cloud', 'where', 'store', 'key', 'lock', 'ages (days)', 'filled by'], storeRows(plan))],
    ['Places of each data set', table(['data set', 'place', 'medium', 'region', 'by'], holdingRows(plan))],
    ...readers(plan),
    ...siteSections(plan),
  ] as const;
  return sections.map(([title, text]) => `${title}\n\n${text}`).join('\n');
}

function taskRow(task: TaskManifest, testRestore: RunSchedule | undefined): readonly string[] {
  const { start, end, timeZone } = task.window;
  const { fullRead } = task.validation;
  const runs = task.runs.map((run) => `${run.type} ${scheduleText(run.schedule)}`);
  const place = task.host === 'container' ? task.cloud : `${task.host} to ${task.cloud}`;
  return [
    task.name,
    task.engine,
    place,
    `${start}-${end} ${timeZone}`,
    [
      ...runs,
      ...(fullRead ? [`verify ${scheduleText(fullRead)}`] : []),
      ...(testRestore ? [`test-restore ${scheduleText(testRestore)}`] : []),
    ].join(', '),
    task.runs.map((run) => run.retentionDays).join(', '),
  ];
}

function storeRows(plan: ProtectionPlan): readonly (readonly string[])[] {
  const aws = plan.aws.flatMap((stack) =>
    stack.buckets.map((bucket) => {
      const key = stack.keys.find((one) => one.id === bucket.keyId);
      const ages = bucket.lifecycle.map(
        (rule) =>
          `${rule.prefix} ${[...rule.transitions.map((move) => `${move.storageClass} ${move.afterDays}`), `delete ${rule.expireAfterDays ?? 'never'}`].join(', ')}`,
      );
      return [
        'aws',
        stack.region,
        bucket.name,
        key?.kind === 'existing' ? key.value : (key?.alias ?? ''),
        bucket.lock ? `${bucket.lock.mode} ${bucket.lock.days}` : 'off',
        ages.join('; '),
        filledBy(plan, bucket.id),
      ];
    }),
  );
  const azure = plan.azure.flatMap((stack) =>
    stack.accounts.flatMap((account) =>
      account.containers.map((container) => {
        const key = stack.keys.find((one) => one.id === account.keyId);
        const ages = account.lifecycle
          .filter((rule) => rule.prefix.startsWith(`${container.name}/`))
          .map((rule) =>
            [
              rule.coolAfterDays === undefined ? '' : `Cool ${rule.coolAfterDays}`,
              rule.archiveAfterDays === undefined ? '' : `Archive ${rule.archiveAfterDays}`,
              `delete ${rule.deleteAfterDays ?? 'never'}`,
            ]
              .filter(Boolean)
              .join(', '),
          );
        const lock = container.immutability
          ? `${container.immutability.locked ? 'locked' : 'unlocked'} ${container.immutability.days}`
          : 'off';
        return [
          'azure',
          stack.location,
          `${account.name}/${container.name}`,
          `${key?.vaultName ?? ''}/${key?.keyName ?? ''}`,
          lock,
          ages.join('; '),
          filledBy(plan, container.id),
        ];
      }),
    ),
  );
  const google = plan.google.flatMap((stack) =>
    stack.buckets.map((bucket) => {
      const key = stack.keys.find((one) => one.id === bucket.keyId);
      const ages = bucket.lifecycle.map((rule) => `${rule.storageClass ?? 'delete'} ${rule.afterDays}`);
      const lock = bucket.retention ? `retention ${bucket.retention.days}` : 'versions';
      return [
        'google',
        bucket.location,
        bucket.name,
        key?.kind === 'existing' ? key.name : (key?.keyName ?? ''),
        lock,
        ages.join(', '),
        filledBy(plan, bucket.id),
      ];
    }),
  );
  return [...aws, ...azure, ...google];
}

/** Who of another cloud reads what, where copies are pulled; nothing where none are. */
function readers(plan: ProtectionPlan): readonly (readonly [string, string])[] {
  const rows = [
    ...plan.awsReaders.flatMap(({ readers: all }) => all.map((one) => ({ ...one, as: `role ${one.role}` }))),
    ...plan.azureReaders.flatMap(({ readers: all }) => all.map((one) => ({ ...one, as: `identity ${one.identity}` }))),
    ...plan.googleReaders.flatMap(({ readers: all }) => all.map((one) => ({ ...one, as: `pool ${one.pool}` }))),
  ].flatMap(({ cloud, as, stores }) =>
    stores.map(({ store, dataSets }) => [`copy jobs on ${cloud}`, as, store, dataSets.join(', ')]),
  );
  return rows.length === 0 ? [] : [['Read by other clouds', table(['by', 'as', 'store', 'data sets'], rows)]];
}

/** Who writes to a store, from the plan's own tasks, copies and rules. */
function filledBy(plan: ProtectionPlan, store: string): string {
  const name = store.replace(/^aws\.bucket\./, '');
  const sources = plan.aws
    .flatMap((stack) => stack.buckets)
    .filter((bucket) => bucket.replication?.rules.some((rule) => rule.bucket === name && store.startsWith('aws.')));
  const fillers = [
    ...(plan.tasks.some((task) => task.stores.some((one) => one.store === store)) ? ['tasks'] : []),
    ...(plan.copies.some((copy) => copy.destination === store) ? ['copies'] : []),
    ...sources.map((bucket) => `replication of ${bucket.name}`),
  ];
  return fillers.join(', ') || 'nothing';
}

function holdingRows(plan: ProtectionPlan): readonly (readonly string[])[] {
  return plan.holdings.flatMap(({ dataSet, holdings }) =>
    holdings.map((one) => [dataSet, one.place, one.medium, one.region, one.by]),
  );
}
