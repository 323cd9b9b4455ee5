import type { Site, SiteBackups, TaskManifest } from '../../contract';
import { isOnWindows } from '../host';

/** Where Debian's and Ubuntu's PostgreSQL listens on its own machine. */
const SOCKETS = '/var/run/postgresql';
/** Seconds of a minute in which no planned start lies: those begin with the minute. */
const OWN_SECONDS = 59;

/**
 * What a machine of a site backs up once it is promoted: the server that it followed, into the stores of that server's
 * task. It writes as itself, so only where these lie in its own cloud; verification, pruning and copies are the task's.
 * A replica of a service has no machine of ours, and what sleeps follows nobody.
 * @param index - place of the site among those of the plan, which keeps its slots apart from those of others
 * @returns undefined where that cannot be
 */
export function siteBackups(
  { name, cloud, database, synchronization }: Site,
  index: number,
  tasks: readonly TaskManifest[],
): SiteBackups | undefined {
  if (database?.kind !== 'machines' || !database.always) return undefined;
  const task = tasks.find((one) => one.name === synchronization.primary?.dataSet);
  if (!task || task.engine !== 'postgresql' || isOnWindows(task)) return undefined;
  if (task.cloud !== cloud || task.stores.length === 0 || task.runs.length === 0) return undefined;
  return {
    id: `site.${name}.backups`,
    from: [...new Set([...task.runs, ...task.stores].flatMap(({ from }) => from))].sort(),
    task: task.name,
    runs: task.runs.map(({ for: types, type, schedule }) => ({ type: types[0] ?? type, schedule })),
    afterSeconds: 1 + (index % OWN_SECONDS),
  };
}

/**
 * The task as that machine runs it: its own server by the socket, as the role that owns it, so that nobody has to keep a
 * password there. A folder on the task's host, and commands for that host, are left out.
 */
export function manifestOnSite(task: TaskManifest): TaskManifest {
  const { source } = task;
  if (source.kind !== 'database') throw new Error(`${task.name} is no database`);
  return {
    ...task,
    source: {
      kind: 'database',
      host: SOCKETS,
      port: 5432,
      ...(source.database !== undefined && { database: source.database }),
      user: 'postgres',
      secret: source.secret,
      environment: [],
    },
    local: null,
    hooks: {},
  };
}

/** Names of tasks whose data set a site backs up too: what comes there without a run of theirs has to be verified. */
export function tasksOfSites(sites: readonly Pick<Site, 'backups'>[]): ReadonlySet<string> {
  return new Set(sites.flatMap(({ backups }) => (backups ? [backups.task] : [])));
}
