import { planForApp } from '../lib/cli/app';
import { uploadsOf } from '../lib/cli/uploads';
import { createTerraformApp, synthTerraform } from '../lib/terraform';
import { addAzureSites, addAzureStacks, addAzureTaskStacks } from '../stacks/azure';
import { addGoogleSites, addGoogleStacks, addGoogleTaskStacks } from '../stacks/google';
import { bug, machine } from './machine';

/** The app of cdktf.json. */
try {
  const host = machine();
  const answer = planForApp(process.env.CDKTF_CONTEXT_JSON, host);
  if ('exit' in answer) {
    process.exitCode = answer.exit;
  } else {
    const app = createTerraformApp({ outdir: process.env.CDKTF_OUTDIR ?? 'cdktf.out' });
    addAzureStacks(app, answer.plan.azure);
    addAzureTaskStacks(app, { plan: answer.plan, runner: uploadsOf(host.packageRoot).runner });
    addAzureSites(app, { plan: answer.plan, runner: uploadsOf(host.packageRoot).runner });
    addGoogleStacks(app, answer.plan.google);
    addGoogleTaskStacks(app, answer.plan);
    addGoogleSites(app, { plan: answer.plan, runner: uploadsOf(host.packageRoot).runner });
    const faults = synthTerraform(app);
    for (const { stack, address, rule, message } of faults) host.stderr(`${stack} ${address}: ${rule} ${message}\n`);
    if (faults.length > 0) process.exitCode = 1;
  }
} catch (error) {
  bug(error);
}
