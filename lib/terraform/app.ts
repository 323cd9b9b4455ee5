import { mkdirSync } from 'node:fs';
import { App } from 'cdktf';

export type TerraformApp = App;

export interface TerraformAppProps {
  /** Folder that receives `stacks/<name>/cdk.tf.json` and `manifest.json`; made where it does not exist. */
  readonly outdir: string;
}

/**
 * The one way to make a CDKTF app here. Stack traces are off, since they hold paths of the machine that synthesizes.
 *
 * `App` itself still reads `CDKTF_CONTEXT_JSON` and `SYNTH_HCL_OUTPUT`, which the CDKTF CLI sets: nothing that our
 * stacks write depends on the context.
 */
export function createTerraformApp({ outdir }: TerraformAppProps): TerraformApp {
  // `App` makes the last folder of the path only.
  mkdirSync(outdir, { recursive: true });
  return new App({ outdir, stackTraces: false });
}
