import { z } from 'zod';
import { AzureTaskStore } from './azure-tasks';
import { nodeShape } from './node';
import { TerraformBackend } from './terraform';

/** A container that copy jobs of another cloud read, with the data sets that they take from it. */
export const AzureReadStore = AzureTaskStore.extend({
  dataSets: z.array(z.string()).min(1).readonly().describe('names of the folders of the ledger'),
});

/** An identity that copy jobs of another cloud take on, by the tokens that their own cloud gives them. */
export const AzureReader = z.strictObject({
  ...nodeShape,
  cloud: z.enum(['aws', 'google']),
  identity: z.string().describe('name of the managed identity'),
  stores: z.array(AzureReadStore).min(1).readonly(),
});

/** What other clouds may read of Azure. */
export const AzureReaderStack = z.strictObject({
  ...nodeShape,
  name: z.string().describe('name of the Terraform stack'),
  location: z.string(),
  subscription: z.string().optional().describe('left out: ARM_SUBSCRIPTION_ID at deployment'),
  resourceGroup: z.string(),
  role: z.string().describe('name of the custom role, taken once in a tenant'),
  backend: TerraformBackend,
  readers: z.array(AzureReader).min(1).readonly(),
});

export type AzureReadStore = z.infer<typeof AzureReadStore>;
export type AzureReader = z.infer<typeof AzureReader>;
export type AzureReaderStack = z.infer<typeof AzureReaderStack>;
