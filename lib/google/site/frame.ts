import { DataGoogleProject } from '@cdktf/provider-google/lib/data-google-project';
import type { Construct } from 'constructs';
import { googleZones } from '../../clouds/google-zones';
import type { Site } from '../../contract/site';
import type { ITerraformDependable } from '../../terraform';
import { Services } from '../services';
import { bucketName } from './names';
import { isWatched } from './signs';

/** What every construct of a site is given. */
export interface SiteFrame {
  readonly site: Site;
  /** Id of the project, as it is known when Terraform runs. */
  readonly project: string;
  /** Three zones of the region. */
  readonly zones: readonly string[];
  /** What has to be on before anything can be made. */
  readonly services: ITerraformDependable[];
  /** Name of a bucket, by what it is called in the plan. */
  bucket(name: string): string;
}

/** APIs that a site uses, whatever is in it. */
const SERVICES = ['compute', 'iam', 'logging', 'monitoring', 'secretmanager', 'storage', 'workflows'] as const;
const WATCHED = ['cloudscheduler', 'workflowexecutions'] as const;
const RESTORES = ['cloudscheduler', 'run', 'workflowexecutions'] as const;
const MANAGED = ['servicenetworking', 'sqladmin'] as const;

export function siteFrame(scope: Construct, site: Site): SiteFrame {
  const managed = site.database?.kind === 'service' || site.database?.kind === 'replica';
  const names = [
    ...SERVICES,
    ...(site.activation.dns ? ['dns'] : []),
    ...(site.synchronization.restores ? RESTORES : []),
    ...(isWatched(site) ? WATCHED : []),
    ...(managed ? MANAGED : []),
  ].sort();
  const services = new Services(scope, 'service', {
    services: names.map((name) => `${name}.googleapis.com`),
    nodeId: site.id,
  }).enabled;
  const project = new DataGoogleProject(scope, 'project');
  return {
    site,
    project: project.projectId,
    zones: googleZones(site.region),
    services,
    bucket: (name) => bucketName(name, project.number),
  };
}
