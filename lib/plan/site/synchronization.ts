import type { RunSchedule, SiteArchive, SiteDatabase, SiteSynchronization, TaskManifest } from '../../contract';
import type { SiteSpec } from '../../spec';
import { fitName, intervalDays, spread } from '../../units';
import type { Cadence } from '../../units';
import type { PlanContext } from '../context';
import type { DataSet } from '../data-set';
import { wellAfterWindow } from '../full-read';
import { frequencyOf, windowOf } from '../slots';
import { sitePrimary } from './primary';

/** Days for which segments of the log stay in the archive: a standby that was away so long is made anew. */
const ARCHIVE_DAYS = 14;

export interface SynchronizationProps {
  readonly name: string;
  readonly at: string;
  readonly prefix: string;
  readonly site: SiteSpec;
  readonly database: SiteDatabase | null;
  readonly dataSets: readonly DataSet[];
  readonly tasks: readonly TaskManifest[];
}

/** How data gets to a site. */
export function siteSynchronization(context: PlanContext, props: SynchronizationProps): SiteSynchronization {
  const { name, at, site, database, dataSets } = props;
  const { method, lag_threshold: lag } = site.synchronization;
  const engine = site.infrastructure.database?.engine;
  const followed =
    engine && database && method !== 'backup_restore' ? sitePrimary(context, dataSets, engine) : undefined;
  const restores = database && method === 'backup_restore' ? restoresOf(context, props) : undefined;
  return {
    id: `site.${name}.synchronization`,
    from: [
      `${at}.synchronization.method`,
      ...(lag ? [`${at}.synchronization.lag_threshold`] : []),
      ...(followed?.from ?? []),
    ].sort(),
    method,
    ...(lag && { lagSeconds: lag.seconds }),
    ...(followed && { primary: followed.primary }),
    ...(method === 'log_shipping' && database?.kind === 'machines' && { archive: archiveOf(props) }),
    ...(restores && { restores }),
  };
}

/** A store of the site's own: what harms the backups does not reach it, and it goes with the site. */
function archiveOf({ name, at, prefix, site }: SynchronizationProps): SiteArchive {
  const isAzure = site.provider === 'azure';
  return {
    id: `site.${name}.archive`,
    from: [`${at}.synchronization.method`],
    // Names of storage accounts are global, and hold letters and digits only.
    name: isAzure ? fitName(`${prefix}-wal`, 24).replaceAll('-', '') : fitName(`${prefix}-wal`, 40),
    ...(isAzure && { container: 'wal' }),
    path: name,
    days: ARCHIVE_DAYS,
  };
}

/** What of the site's engine lies in its cloud: a machine there reads no other. */
function restoresOf(
  context: PlanContext,
  { name, at, site, tasks }: SynchronizationProps,
): SiteSynchronization['restores'] {
  const readable = tasks.filter(
    (task) =>
      task.engine === site.infrastructure.database?.engine &&
      [...task.stores, ...task.copies].some(({ cloud }) => cloud === site.provider),
  );
  if (readable.length === 0) return undefined;
  const cadence = site.synchronization.frequency ?? fullCadence(readable);
  return {
    id: `site.${name}.restores`,
    from: [
      site.synchronization.frequency ? `${at}.synchronization.frequency` : `${at}.synchronization.method`,
      'backup.general.backup_window',
    ].sort(),
    schedule: scheduleOf(context, name, cadence),
    tasks: readable.map((task) => task.name),
  };
}

/** The cadence of the most frequent fulls: after each of them there is something new. */
function fullCadence(tasks: readonly TaskManifest[]): Cadence {
  const cadences = tasks.flatMap(({ runs }) =>
    runs.filter(({ type }) => type === 'full').map(({ cadence }) => cadence),
  );
  return cadences.sort((a, b) => intervalDays(a) - intervalDays(b))[0] ?? { kind: 'daily' };
}

function scheduleOf(context: PlanContext, name: string, cadence: Cadence): RunSchedule {
  const frequency = frequencyOf(cadence);
  const seed = `${name} site`;
  if (frequency.kind !== 'interval') return wellAfterWindow(cadence, windowOf(context.backup.general), seed);
  const { everySeconds } = frequency;
  return { kind: 'interval', everySeconds, offsetSeconds: spread(seed, everySeconds / 60) * 60 };
}
