import { z } from 'zod';
import { GoogleTaskStore } from './google-tasks';
import { nodeShape } from './node';
import { TerraformBackend } from './terraform';

/** A bucket that copy jobs of another cloud read, with the data sets that they take from it. */
export const GoogleReadStore = GoogleTaskStore.extend({
  dataSets: z.array(z.string()).min(1).readonly().describe('names of the folders of the ledger'),
});

/** A pool of identities that copy jobs of another cloud belong to, by the tokens that their own cloud gives them. */
export const GoogleReader = z.strictObject({
  ...nodeShape,
  cloud: z.enum(['aws', 'azure']),
  pool: z.string().describe('id of the workload identity pool, taken for 30 days after it is deleted'),
  provider: z.string().describe('id of its one provider'),
  tenant: z.string().optional().describe('tenant of Entra ID whose tokens are taken; left out: an input says it'),
  stores: z.array(GoogleReadStore).min(1).readonly(),
});

/** What other clouds may read of Google. */
export const GoogleReaderStack = z.strictObject({
  ...nodeShape,
  name: z.string().describe('name of the Terraform stack'),
  project: z.string().optional().describe('left out: the project of the credentials (GOOGLE_PROJECT)'),
  prefix: z.string().describe('prefix of the names of the custom roles'),
  services: z.array(z.string()).readonly().describe('APIs to enable, like sts.googleapis.com'),
  backend: TerraformBackend,
  readers: z.array(GoogleReader).min(1).readonly(),
});

export type GoogleReadStore = z.infer<typeof GoogleReadStore>;
export type GoogleReader = z.infer<typeof GoogleReader>;
export type GoogleReaderStack = z.infer<typeof GoogleReaderStack>;
