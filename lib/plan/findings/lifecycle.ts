import { clouds } from '../../clouds';
import type { ProtectionPlan } from '../../contract';
import type { Claim } from '../claim';
import type { PlanCheck } from './finding';

/** Lifecycle can't know of chains: a number of the spec below the longest chain deletes what later points need. */
export const chainsCut: PlanCheck = ({ context, claims }) => {
  for (const { expirePath, expireAfterDays, retentions, bucket } of claims) {
    const chain = Math.max(0, ...retentions.map((one) => one.longestChainDays));
    if (expirePath === undefined || expireAfterDays === undefined || expireAfterDays >= chain) continue;
    context.report({
      code: 'DR3030',
      path: expirePath,
      message: `"${bucket}" deletes after ${expireAfterDays} days what chains of backups need for ${chain}`,
      fix: `keep objects at least ${chain} days, or shorten the retention of the types`,
    });
  }
};

/** Two numbers for one thing: the destination's own wins, and it is said once a store. */
export const retentionsDiffer: PlanCheck = ({ context, claims }) => {
  for (const { expirePath, expireAfterDays, retentions, bucket } of claims) {
    const chain = Math.max(0, ...retentions.map((one) => one.longestChainDays));
    if (expirePath === undefined || expireAfterDays === undefined || expireAfterDays <= chain || chain === 0) continue;
    context.report({
      code: 'DR3031',
      path: expirePath,
      message: `"${bucket}" keeps objects ${expireAfterDays} days, longer than the retention of the types (${chain} days with their chains): the store's own number wins`,
      fix: '',
    });
  }
};

/** `transition_days` names no class. */
export const transitionClass: PlanCheck = ({ context, claims }) => {
  for (const { moves } of claims) {
    const move = moves.find((one) => one.path.endsWith('storage.s3.lifecycle.transition_days'));
    if (!move) continue;
    context.report({
      code: 'DR3032',
      path: move.path,
      message: `objects move to ${move.storageClass} after ${move.afterDays} days: transition_days names no class`,
      fix: '',
    });
  }
};

/** Early moves and deletions are billed as if the object had stayed. */
export const earlyDeletion: PlanCheck = ({ context, claims }) => {
  for (const { cloud, moves, expireAfterDays } of claims) {
    moves.forEach((move, index) => {
      const stay = (moves[index + 1]?.afterDays ?? expireAfterDays ?? Infinity) - move.afterDays;
      const minimum = clouds[cloud].storageClasses.find((one) => one.name === move.storageClass)?.minimumDays ?? 0;
      if (stay < 0 || stay >= minimum) return;
      context.report({
        code: 'DR3036',
        path: move.path,
        message: `objects stay ${stay} days in ${move.storageClass}, which bills at least ${minimum}`,
        fix: 'leave the move out, or keep objects longer',
      });
    });
  }
};

/** Where the spec gives no expiry, the backstop is said. */
export const backstop: PlanCheck = ({ context, claims }) => {
  for (const { path, expirePath, expireAfterDays, bucket } of claims) {
    if (expirePath !== undefined || expireAfterDays === undefined) continue;
    context.report({
      code: 'DR3033',
      path,
      message: `"${bucket}" has no expiry here: objects are deleted after ${expireAfterDays} days, the longest chain of their types plus 90`,
      fix: '',
    });
  }
};

/** A lock outlives the age at which the lifecycle deletes: the deletion waits, and the bytes are paid for. */
export const lockOutlives: PlanCheck = ({ context, claims, plan }) => {
  for (const claim of claims) {
    const days = lockDaysOf(plan, claim);
    if (claim.expireAfterDays === undefined || claim.expireAfterDays >= days) continue;
    context.report({
      code: 'DR3048',
      path: claim.expirePath ?? claim.path,
      message: `objects of "${claim.bucket}" are locked for ${days} days and would expire after ${claim.expireAfterDays}: deletion waits for the lock`,
      fix: 'shorten the lock, or keep objects longer',
    });
  }
};

function lockDaysOf(plan: ProtectionPlan, { cloud, account, bucket }: Claim): number {
  switch (cloud) {
    case 'aws':
      return plan.aws.flatMap((stack) => stack.buckets).find((one) => one.name === bucket)?.lock?.days ?? 0;
    case 'azure': {
      const accounts = plan.azure.flatMap((stack) => stack.accounts);
      const containers = accounts.find((one) => one.name === account)?.containers;
      return containers?.find((one) => one.name === bucket)?.immutability?.days ?? 0;
    }
    case 'google':
      return plan.google.flatMap((stack) => stack.buckets).find((one) => one.name === bucket)?.retention?.days ?? 0;
  }
}

/** Longest lock in days, by cloud: S3's own limit is 100 years, and the CDK wants less. */
export const lockLimit: PlanCheck = ({ context, claims, plan }) => {
  for (const claim of claims) {
    const most = claim.cloud === 'aws' ? clouds.aws.limits.lockDays - 1 : clouds[claim.cloud].limits.lockDays;
    const days = lockDaysOf(plan, claim);
    if (days <= most) continue;
    context.report({
      code: 'DR3014',
      path: claim.path,
      message: `objects of "${claim.bucket}" would be locked for ${days} days, and ${clouds[claim.cloud].title} takes at most ${most}`,
      fix: 'shorten deployment.immutability.days, or the retention of the types',
    });
  }
};

/** A move after the backstop would never happen, and services refuse it. */
export const moveAfterBackstop: PlanCheck = ({ context, claims }) => {
  for (const { moves, expirePath, expireAfterDays, bucket } of claims) {
    if (expirePath !== undefined || expireAfterDays === undefined) continue;
    const late = moves.find((move) => move.afterDays >= expireAfterDays);
    if (!late) continue;
    context.report({
      code: 'DR3015',
      path: late.path,
      message: `objects of "${bucket}" would move to ${late.storageClass} after ${late.afterDays} days, and are deleted after ${expireAfterDays}, the longest chain of their types plus 90`,
      fix: `say how long objects are kept here, more than ${late.afterDays} days, or move them earlier`,
    });
  }
};
