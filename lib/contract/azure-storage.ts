import { z } from 'zod';
import { days, nodeShape } from './node';
import { TerraformBackend } from './terraform';

/** A key that encrypts storage accounts: in a vault that exists, or in one that the stack makes. */
export const AzureKey = z.discriminatedUnion('kind', [
  z.strictObject({
    ...nodeShape,
    kind: z.literal('existing'),
    vaultUrl: z.string().describe('https://<vault>.vault.azure.net, without a final slash'),
    vaultName: z.string(),
    keyName: z.string(),
  }),
  z.strictObject({ ...nodeShape, kind: z.literal('created'), vaultName: z.string(), keyName: z.string() }),
]);

export const AzureContainer = z.strictObject({
  ...nodeShape,
  name: z.string(),
  immutability: z.strictObject({ days, locked: z.boolean() }).nullable(),
});

/** One rule of the account's single management policy. Ages count from the last write. */
export const AzureLifecycleRule = z.strictObject({
  ...nodeShape,
  name: z.string().describe('letters, digits and hyphens, unique in the account'),
  prefix: z.string().describe('container/prefix'),
  coolAfterDays: days.optional(),
  coldAfterDays: days.optional(),
  archiveAfterDays: days.optional(),
  deleteAfterDays: days.optional(),
});

export const AzureAccount = z.strictObject({
  ...nodeShape,
  name: z.string(),
  keyId: z.string().describe('id of the key node of the same stack'),
  replication: z.enum(['LRS', 'ZRS', 'GRS', 'RAGRS', 'GZRS', 'RAGZRS']).describe('as azurerm spells it'),
  softDeleteDays: days.min(1).max(365),
  changeFeedDays: days,
  allowedRanges: z
    .array(z.string())
    .readonly()
    .describe("public IPv4 addresses, or ranges of /0 to /30, that may reach the account beside Azure's own services"),
  containers: z.array(AzureContainer).readonly(),
  lifecycle: z.array(AzureLifecycleRule).readonly(),
});

export const AzureStack = z.strictObject({
  ...nodeShape,
  name: z.string(),
  location: z.string(),
  subscription: z.string().optional().describe('left out: ARM_SUBSCRIPTION_ID at deployment'),
  resourceGroup: z.string(),
  keys: z.array(AzureKey).readonly(),
  accounts: z.array(AzureAccount).readonly(),
  logs: z.strictObject({ ...nodeShape, workspace: z.string(), retentionDays: days }),
  backend: TerraformBackend,
});

export type AzureKey = z.infer<typeof AzureKey>;
export type AzureContainer = z.infer<typeof AzureContainer>;
export type AzureLifecycleRule = z.infer<typeof AzureLifecycleRule>;
export type AzureAccount = z.infer<typeof AzureAccount>;
export type AzureStack = z.infer<typeof AzureStack>;
