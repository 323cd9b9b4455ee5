import type { PlanCheck } from './finding';

/** The runner finds a bucket by its whole name, and account and region are part of it in an account-regional namespace. */
export const unknownAccount: PlanCheck = ({ context, plan }) => {
  const { bucket_naming: naming, aws } = context.deployment;
  if (naming !== 'account_regional' || aws?.account !== undefined) return;
  const stored = plan.tasks.some(({ stores, copies }) => [...stores, ...copies].some(({ cloud }) => cloud === 'aws'));
  if (!stored) return;
  context.report({
    code: 'DR3079',
    path: 'deployment.bucket_naming',
    message: 'the names of buckets hold the id of an account that the spec does not say',
    fix: 'set deployment.aws.account, or bucket_naming: "literal"',
  });
};
