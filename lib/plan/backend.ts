import type { TerraformBackend } from '../contract';
import type { PlanContext } from './context';

/** Where a Terraform stack keeps its state: what `deployment.state` says, else a file beside the stack. */
export function terraformBackend(context: PlanContext, stack: string): TerraformBackend {
  const state = context.deployment.state;
  if (!state || state.type === 'local') return { type: 'local' };
  const key = `${state.key ?? context.prefix}/${stack}`;
  reportForeignKeys(context, state);
  const need = <T>(name: string, value: T | undefined): T | undefined => {
    if (value === undefined) {
      context.report({
        code: 'DR3053',
        path: 'deployment.state',
        message: `a ${state.type} backend needs ${name}`,
        fix: `add ${name} to deployment.state`,
      });
    }
    return value;
  };
  switch (state.type) {
    case 's3': {
      const bucket = need('bucket', state.bucket);
      const region = need('region', state.region);
      return bucket === undefined || region === undefined
        ? { type: 'local' }
        : { type: 's3', bucket, region, key: `${key}.tfstate` };
    }
    case 'azurerm': {
      const resourceGroup = need('resource_group', state.resource_group);
      const storageAccount = need('storage_account', state.storage_account);
      const container = need('container', state.container);
      if (resourceGroup === undefined || storageAccount === undefined || container === undefined)
        return { type: 'local' };
      return { type: 'azurerm', resourceGroup, storageAccount, container, key: `${key}.tfstate` };
    }
    case 'gcs': {
      const bucket = need('bucket', state.bucket);
      return bucket === undefined ? { type: 'local' } : { type: 'gcs', bucket, prefix: key };
    }
  }
}

const KEYS = {
  local: [],
  s3: ['bucket', 'region', 'key'],
  azurerm: ['resource_group', 'storage_account', 'container', 'key'],
  gcs: ['bucket', 'key'],
} as const;

function reportForeignKeys(context: PlanContext, state: NonNullable<PlanContext['deployment']['state']>): void {
  const known: readonly string[] = ['type', ...KEYS[state.type]];
  for (const [name, value] of Object.entries(state)) {
    if (value === undefined || known.includes(name)) continue;
    context.report({
      code: 'DR3053',
      path: `deployment.state.${name}`,
      message: `a ${state.type} backend has no ${name}`,
      fix: 'remove it',
    });
  }
}
