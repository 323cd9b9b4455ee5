import type { PlanCheck } from './finding';

/** What S3 does not replicate: objects that were there before the rule. */
export const replicationStarts: PlanCheck = ({ context, plan }) => {
  for (const stack of plan.aws) {
    // Failures are told where tasks run: the topic is theirs.
    const isWatched = plan.awsTasks.shared.some(({ region }) => region === stack.region);
    for (const { name, replication } of stack.buckets) {
      const destinations = new Map((replication?.rules ?? []).map((rule) => [rule.bucket, rule]));
      for (const [destination, rule] of destinations) {
        const [path = ''] = rule.from.filter((one) => one.startsWith('backup.'));
        context.report({
          code: 'DR3034',
          path,
          message: `"${destination}" is filled by replication from "${name}"${rule.timeControl ? ' within 15 minutes' : ''}: objects that are there before the rule are not replicated${isWatched ? '' : `, and nobody is told of what fails: no task runs in ${stack.region}`}`,
          fix: `if "${name}" holds objects already, run the command that stack ${stack.name} puts out once it is deployed; hypdr synth shows how to get it`,
        });
        if (rule.region !== stack.region || rule.id.includes('.archive-')) continue;
        context.report({
          code: 'DR3051',
          path,
          message: `the replica is in ${rule.region}, the region of the bucket itself`,
          fix: 'choose another region, so that the loss of one leaves a copy',
        });
      }
    }
  }
};

/** AES256 beside a KMS key: the stronger wins. */
export const weakerAlgorithm: PlanCheck = ({ context, claims }) => {
  for (const { path, store } of claims) {
    if (store?.spec.provider !== 'aws' || store.spec.encryption?.sse_algorithm !== 'AES256') continue;
    const key = store.spec.encryption.kms_key_id;
    context.report({
      code: 'DR3012',
      path: `${path}.encryption.sse_algorithm`,
      message: `AES256 ${key?.kind === 'given' ? 'beside a KMS key' : 'without a key of your own'}: objects are encrypted by SSE-KMS, which is AES-256 under ${key?.kind === 'given' ? 'that key' : 'a key of the stack'}`,
      fix: '',
    });
  }
};

/** The redundancy of Azure accounts follows from the archive tier. */
export const azureRedundancy: PlanCheck = ({ context, plan }) => {
  for (const account of plan.azure.flatMap((stack) => stack.accounts)) {
    const [path = ''] = account.from;
    if (account.replication !== 'RAGRS') {
      context.report({
        code: 'DR3039',
        path,
        message: `storage account "${account.name}" is in a location without a paired region, so it is ${account.replication}: every copy is in that location`,
        fix: 'choose a location with a pair, or keep copies in another cloud',
      });
      continue;
    }
    context.report({
      code: 'DR3037',
      path,
      message: `storage account "${account.name}" is RA-GRS: readable in the paired region, and able to archive, which zone-redundant accounts are not`,
      fix: '',
    });
  }
};

/** Replicas in an account of their own need to know both accounts. */
export const vaultNeedsAccount: PlanCheck = ({ context, plan }) => {
  const { deployment } = context;
  if (deployment.vault?.account === undefined || deployment.aws?.account !== undefined) return;
  if (!plan.aws.some((stack) => stack.kind === 'replica-store')) return;
  context.report({
    code: 'DR3052',
    path: 'deployment.vault.account',
    message: 'replicas in an account of their own need the account of the source in deployment.aws.account',
    fix: "add deployment.aws.account: the replica bucket lets that account's replication role in",
  });
};
