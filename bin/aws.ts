import { createApp, isFatal, synthAws } from '../lib/aws';
import { planForApp } from '../lib/cli/app';
import { uploadsOf } from '../lib/cli/uploads';
import { addAwsSites, addAwsStacks, addAwsTaskStacks } from '../stacks/aws';
import { bug, machine } from './machine';

/** The app of cdk.json: the CDK's command line names the output folder and hands in the context. */
try {
  const host = machine();
  const answer = planForApp(process.env.CDK_CONTEXT_JSON, host);
  if ('exit' in answer) {
    process.exitCode = answer.exit;
  } else {
    const app = createApp({ rolesBoundary: answer.plan.rolesBoundary });
    const stores = addAwsStacks(app, answer.plan.aws);
    const uploads = uploadsOf(host.packageRoot);
    addAwsTaskStacks(app, { plan: answer.plan, uploads, stores });
    addAwsSites(app, { plan: answer.plan, uploads });
    const synthesis = synthAws(app);
    const fatal = synthesis.findings.filter(isFatal);
    for (const { construct, rule, message } of fatal) host.stderr(`${construct}: ${rule} ${message}\n`);
    if (!synthesis.ok) process.exitCode = 1;
  }
} catch (error) {
  bug(error);
}
