import { App } from 'cdktf';

export type TerraformApp = App;

export interface TerraformAppProps {
  /**
   * Folder that receives `stacks/<name>/cdk.tf.json` and `manifest.json`. Made where it does not exist, in a folder
   * that has to.
   */
  readonly outdir: string;
}

/**
 * The one way to make a CDKTF app here. Stack traces are off, since they hold paths of the machine that synthesizes.
 *
 * `App` itself still reads `CDKTF_CONTEXT_JSON` and `SYNTH_HCL_OUTPUT`, which the CDKTF CLI sets: nothing that our
 * stacks write depends on the context, and HCL instead of JSON is for who asks for it.
 */
export function createTerraformApp({ outdir }: TerraformAppProps): TerraformApp {
  return new App({ outdir, stackTraces: false });
}
