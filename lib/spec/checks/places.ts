import { clouds, ownerOf, placeNames } from '../../clouds';
import type { Cloud, CloudId } from '../../clouds';
import { childPath, itemPath, nearest } from '../../diagnostics';
import type { Report } from '../../diagnostics';
import type { SpecCheck } from './check';

/** Well-formed places that this version's data does not know: newer than it, or a slip. */
export const knownPlaces: SpecCheck = (spec, report) => {
  const { backup, deployment } = spec;
  for (const [name, store] of backup?.cloud ?? []) {
    const at = childPath('backup.cloud', name);
    if (store.provider === 'aws') {
      place('aws', store.region, `${at}.region`, report);
      place('aws', store.replication?.destination_region, `${at}.replication.destination_region`, report);
    } else {
      place(store.provider, store.location, `${at}.location`, report);
    }
  }
  for (const kind of ['database', 'filesystem'] as const) {
    for (const [name, { storage }] of backup?.[kind] ?? []) {
      const at = `${childPath(`backup.${kind}`, name)}.storage`;
      place('aws', storage.s3?.region, `${at}.s3.region`, report);
      place('aws', storage.glacier?.region, `${at}.glacier.region`, report);
      place('azure', storage.azure?.location, `${at}.azure.location`, report);
      place('google', storage.gcs?.location, `${at}.gcs.location`, report);
    }
  }
  deployment?.aws?.regions?.forEach((one, index) =>
    place('aws', one, itemPath('deployment.aws.regions', index), report),
  );
  place('aws', deployment?.state?.region, 'deployment.state.region', report);
  place('azure', deployment?.azure?.location, 'deployment.azure.location', report);
};

function place(cloud: CloudId, name: string | undefined, path: string, report: Report): void {
  if (name === undefined || clouds[cloud].storePlaceNames.judge(name).kind !== 'unknown') return;
  reportUnknown(clouds[cloud], name, path, report);
}

function reportUnknown(cloud: Cloud, name: string, path: string, report: Report): void {
  const meant = nearest(name, placeNames(cloud));
  report({
    code: 'DR2020',
    path,
    message: `"${name}" is no ${cloud.placeNoun} of ${cloud.title} that the data of ${cloud.dataDate} knows`,
    fix:
      meant === undefined
        ? 'check its name; a newer one is taken as it is'
        : `did you mean "${meant}"? a newer one is taken as it is`,
  });
}

/** Sites name regions, machines, databases and disks of their own provider. */
export const siteValues: SpecCheck = ({ disaster_recovery: recovery }, report) => {
  for (const [name, site] of recovery?.dr_sites ?? []) {
    const at = childPath('disaster_recovery.dr_sites', name);
    const cloud = clouds[site.provider];
    const { compute, database, storage } = site.infrastructure;
    value(cloud, cloud.placeNoun, site.region, cloud.regionNames, `${at}.region`, report);
    value(
      cloud,
      'instance type',
      compute.instance_type,
      cloud.instanceTypes,
      `${at}.infrastructure.compute.instance_type`,
      report,
    );
    if (database) {
      const rule = cloud.databaseClasses[database.engine];
      value(
        cloud,
        'database class',
        database.instance_class,
        rule,
        `${at}.infrastructure.database.instance_class`,
        report,
      );
    }
    if (storage && !cloud.diskTypes.includes(storage.type)) {
      report({
        code: 'DR2021',
        path: `${at}.infrastructure.storage.type`,
        message: `"${storage.type}" is no disk type of ${cloud.title}`,
        fix: `use one of ${cloud.diskTypes.join(', ')}`,
      });
    }
  }
};

function value(
  cloud: Cloud,
  noun: string,
  name: string,
  rule: Cloud['instanceTypes'],
  path: string,
  report: Report,
): void {
  const verdict = rule.judge(name);
  if (verdict.kind === 'known') return;
  const owner = ownerOf(name);
  const foreign = owner !== undefined && owner !== cloud.id ? `, but of ${clouds[owner].title}` : '';
  if (verdict.kind === 'malformed') {
    const why = foreign === '' ? `: ${verdict.why}` : foreign;
    report({
      code: 'DR2021',
      path,
      message: `"${name}" is no ${noun} of ${cloud.title}${why}`,
      fix: `write ${rule.text}`,
    });
    return;
  }
  report({
    code: 'DR2020',
    path,
    message: `"${name}" is no ${noun} of ${cloud.title} that the data of ${cloud.dataDate} knows`,
    fix: 'check its name; a newer one is taken as it is',
  });
}
