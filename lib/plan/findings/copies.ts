import type { PlanCheck } from './finding';

/** Copies into Azure read AWS by the tokens of a tenant that AWS is told to trust. */
export const untrustedCopies: PlanCheck = ({ context, plan }) => {
  if (context.deployment.azure?.tenant !== undefined) return;
  const shards = plan.azureTasks.shards;
  const sets = shards.flatMap(({ tasks }) =>
    tasks.filter(({ reads }) => reads.includes('aws')).map(({ task }) => task),
  );
  if (sets.length === 0) return;
  const [first] = plan.copies.filter(
    ({ source, destination }) => source.startsWith('aws.') && destination.startsWith('azure.'),
  );
  context.report({
    code: 'DR3067',
    path: first?.from[0] ?? 'backup.cloud',
    message: `copies of ${sets.map((name) => `"${name}"`).join(', ')} into Azure may not read AWS: no tenant is named whose tokens it trusts`,
    fix: 'set deployment.azure.tenant to the id of the tenant: az account show --query tenantId',
  });
};

/** Copies out of Azure come from outside of its networks, and its accounts let in only whom they know. */
export const barredCopies: PlanCheck = ({ context, plan }) => {
  if ((context.deployment.network?.azure?.allowed_ranges ?? []).length > 0) return;
  const barred = plan.copies.filter(({ source }) => source.startsWith('azure.'));
  const [first] = barred;
  if (!first) return;
  const sets = [...new Set(barred.map(({ dataSet }) => `"${dataSet}"`))].join(', ');
  context.report({
    code: 'DR3069',
    path: first.from[0] ?? 'backup.cloud',
    message: `copies of ${sets} are read out of ${first.source}, whose account lets in no address from outside`,
    fix: 'set deployment.network.azure.allowed_ranges to the addresses from which the copy jobs come',
  });
};
