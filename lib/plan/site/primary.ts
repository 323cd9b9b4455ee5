import type { EngineName, SitePrimary } from '../../contract';
import { childPath } from '../../diagnostics';
import type { PlanContext } from '../context';
import type { DataSet } from '../data-set';

const PORTS = { postgresql: 5432, mysql: 3306, mariadb: 3306, sqlserver: 1433, files: 0 } as const;

/** Data sets of an engine: the first of them by name is what a site follows, the others need sites of their own (DR3089). */
export function dataSetsOfEngine(dataSets: readonly DataSet[], engine: EngineName): readonly DataSet[] {
  return dataSets.filter((one) => one.engine === engine);
}

/** The primary that a site follows, as `database.<data set>.primary` says; undefined where no data set is of that engine. */
export function sitePrimary(
  context: PlanContext,
  dataSets: readonly DataSet[],
  engine: EngineName,
): { readonly primary: SitePrimary; readonly from: readonly string[] } | undefined {
  const [first] = dataSetsOfEngine(dataSets, engine);
  if (first === undefined) return undefined;
  const server = context.spec.database?.get(first.name)?.primary;
  return {
    primary: {
      dataSet: first.name,
      ...(server && { host: server.host }),
      port: server?.port ?? PORTS[engine],
      ...(server?.database !== undefined && { database: server.database }),
      secret: `${context.deployment.name}/${first.name}/replication`,
    },
    from: [first.path, ...(server ? [`${childPath('database', first.name)}.primary`] : [])],
  };
}
