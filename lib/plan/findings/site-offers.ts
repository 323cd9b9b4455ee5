import { azureZones, clouds, isLacking } from '../../clouds';
import type { Site } from '../../contract';
import { childPath } from '../../diagnostics';
import type { PlanCheck } from './finding';

/** The types that are told how fast they are lie in a zone. */
const ZONAL = clouds.azure.diskTypesWithIops;

/** What a site asks for and its region does not offer, as far as anybody here knows. */
export const siteOffers: PlanCheck = ({ context, plan }) => {
  for (const site of plan.sites) {
    const path = childPath('disaster_recovery.dr_sites', site.name);
    const replica = classOfReplica(site);
    if (replica !== undefined && isLacking(site.region, replica)) {
      context.report({
        code: 'DR3091',
        path: `${path}.infrastructure.database.instance_class`,
        message: `RDS offered no class of the family of ${replica} in ${site.region} when this data was made: "${site.name}" can't be deployed without one`,
        fix: `ask: aws rds describe-orderable-db-instance-options --region ${site.region} --engine ${site.database?.engine === 'postgresql' ? 'postgres' : site.database?.engine} --db-instance-class ${replica} --query 'length(OrderableDBInstanceOptions)'; or take another family`,
      });
    }
    const disk = zonalDisk(site);
    if (disk !== undefined && azureZones(site.region).length === 0) {
      context.report({
        code: 'DR3092',
        path: `${path}.infrastructure.storage.type`,
        message: `${disk} lies in an availability zone, and ${site.region} is not known to have any: "${site.name}" can't be deployed`,
        fix: 'use Premium_LRS, or a location with availability zones',
      });
    }
  }
};

function classOfReplica({ cloud, database }: Site): string | undefined {
  return cloud === 'aws' && database?.kind === 'replica' ? database.databaseClass : undefined;
}

function zonalDisk({ cloud, compute, database }: Site): string | undefined {
  if (cloud !== 'azure') return undefined;
  const volumes = [compute.volume?.type, database?.kind === 'machines' ? database.volume.type : undefined];
  return volumes.find((type) => type !== undefined && ZONAL.includes(type));
}
