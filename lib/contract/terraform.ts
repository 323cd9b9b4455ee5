import { z } from 'zod';

/** Where a Terraform stack keeps its state. `local` is a file beside the stack, without an absolute path. */
export const TerraformBackend = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('local') }),
  z.strictObject({ type: z.literal('s3'), bucket: z.string(), key: z.string(), region: z.string() }),
  z.strictObject({
    type: z.literal('azurerm'),
    resourceGroup: z.string(),
    storageAccount: z.string(),
    container: z.string(),
    key: z.string(),
  }),
  z.strictObject({ type: z.literal('gcs'), bucket: z.string(), prefix: z.string() }),
]);

export type TerraformBackend = z.infer<typeof TerraformBackend>;
