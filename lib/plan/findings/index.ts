import { accountQuotas, sharedIdentities } from './aws-quotas';
import { azureHostTimeZone, azureLimits, azureSubnet, azureTimeZone } from './azure-tasks';
import { unknownAccount } from './bucket-names';
import { barredCopies, untrustedCopies } from './copies';
import { copyOnlyBase, mysqlLocks, parallelDump, partialDump, retentionGaps } from './dump-options';
import { engineTypes, fullMissing, mergedCompression } from './engine-types';
import type { PlanCheck, Resolved } from './finding';
import { neverReadAgain, roundedFullRead } from './full-read';
import { googleLimits, googleScratch } from './google-tasks';
import { keptElsewhere } from './kept-elsewhere';
import {
  backstop,
  chainsCut,
  earlyDeletion,
  lockLimit,
  lockOutlives,
  moveAfterBackstop,
  retentionsDiffer,
  transitionClass,
} from './lifecycle';
import { recoveryPoints, retrievalTime } from './objective';
import { folderExcluded, localUnencrypted, neverRestored, threeTwoOne } from './practice';
import { azureRedundancy, replicationStarts, vaultNeedsAccount, weakerAlgorithm } from './replication';
import { SITE_CHECKS } from './sites';
import { hostWindow, roundedFrequency } from './slots';
import { containerFolders, farBuckets, filesInContainer, shardLimit, undeployedTasks } from './tasks';
import { packageOfOtherVersion } from './task-image';
import { restoreNotInImage, toolNotInImage } from './task-tool';
import { unrunnableTestRestore } from './test-restore';
import { archivedTestRestore } from './test-restore-archived';
import { testRestoreSize } from './test-restore-size';
import { clockChanges } from './window';

/** Every check of the plan, in no order that matters. */
const CHECKS: readonly PlanCheck[] = [
  accountQuotas,
  archivedTestRestore,
  azureHostTimeZone,
  azureLimits,
  azureRedundancy,
  azureSubnet,
  azureTimeZone,
  backstop,
  barredCopies,
  chainsCut,
  clockChanges,
  containerFolders,
  copyOnlyBase,
  earlyDeletion,
  engineTypes,
  farBuckets,
  filesInContainer,
  folderExcluded,
  fullMissing,
  googleLimits,
  googleScratch,
  hostWindow,
  keptElsewhere,
  localUnencrypted,
  lockLimit,
  lockOutlives,
  mergedCompression,
  moveAfterBackstop,
  mysqlLocks,
  neverReadAgain,
  neverRestored,
  packageOfOtherVersion,
  parallelDump,
  partialDump,
  recoveryPoints,
  replicationStarts,
  restoreNotInImage,
  retentionGaps,
  retentionsDiffer,
  retrievalTime,
  roundedFrequency,
  roundedFullRead,
  shardLimit,
  sharedIdentities,
  testRestoreSize,
  threeTwoOne,
  toolNotInImage,
  transitionClass,
  undeployedTasks,
  unknownAccount,
  unrunnableTestRestore,
  untrustedCopies,
  vaultNeedsAccount,
  weakerAlgorithm,
  ...SITE_CHECKS,
];

export function checkPlan(resolved: Resolved): void {
  for (const check of CHECKS) check(resolved);
}
