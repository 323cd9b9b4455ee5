import { clouds } from '../../clouds';
import type { CloudId } from '../../clouds';
import { childPath } from '../../diagnostics';
import type { Report } from '../../diagnostics';
import type { StorageSpec } from '../schema/storage';
import type { SpecCheck } from './check';

interface Age {
  readonly path: string;
  readonly what: string;
  readonly days: number;
}

/** Ages of one place, from the warmest to the final deletion. */
type Ladder = readonly (Age | undefined)[];

/**
 * Objects move to colder classes in their order and are deleted last. S3 refuses moves out of order, and Glacier less
 * than 30 days after STANDARD_IA; the other two accept and never act.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
 */
export const lifecycleOrder: SpecCheck = ({ backup }, report) => {
  for (const [name, store] of backup?.cloud ?? []) {
    const at = `${childPath('backup.cloud', name)}.lifecycle`;
    const expiry = age(`${at}.delete_after`, 'are deleted', store.lifecycle?.delete_after);
    if (store.provider === 'aws') {
      const ia = age(`${at}.transition_to_ia`, 'move to STANDARD_IA', store.lifecycle?.transition_to_ia);
      const glacier = age(`${at}.transition_to_glacier`, 'move to Glacier', store.lifecycle?.transition_to_glacier);
      checkLadder('aws', [ia, glacier, expiry], report);
    } else if (store.provider === 'azure') {
      const cool = age(`${at}.tier_to_cool`, 'move to Cool', store.lifecycle?.tier_to_cool);
      const archive = age(`${at}.tier_to_archive`, 'move to Archive', store.lifecycle?.tier_to_archive);
      checkLadder('azure', [cool, archive, expiry], report);
    } else {
      const classes = store.lifecycle?.set_storage_class;
      const under = (key: 'nearline' | 'coldline' | 'archive', title: string) =>
        age(`${at}.set_storage_class.${key}`, `move to ${title}`, classes?.[key]);
      checkLadder(
        'google',
        [under('nearline', 'Nearline'), under('coldline', 'Coldline'), under('archive', 'Archive'), expiry],
        report,
      );
    }
  }
  for (const [name, set] of backup?.database ?? [])
    checkStorage(childPath('backup.database', name), set.storage, report);
  for (const [name, set] of backup?.filesystem ?? [])
    checkStorage(childPath('backup.filesystem', name), set.storage, report);
};

function checkStorage(path: string, { s3, glacier, azure, gcs }: StorageSpec, report: Report): void {
  const at = `${path}.storage`;
  const ia = age(`${at}.s3.lifecycle.transition_days`, 'move to STANDARD_IA', s3?.lifecycle?.transition_days);
  const expiry = age(`${at}.s3.lifecycle.expiration_days`, 'are deleted', s3?.lifecycle?.expiration_days);
  const frozen = age(`${at}.glacier.transition_days`, 'move to Glacier', glacier?.transition_days);
  const end = age(`${at}.glacier.expiration_days`, 'are deleted', glacier?.expiration_days);
  if (s3 && glacier?.bucket === s3.bucket) {
    checkLadder('aws', [ia, frozen, end ?? expiry], report);
  } else {
    checkLadder('aws', [ia, expiry], report);
    checkLadder('aws', [frozen, end ?? expiry], report);
  }
  const tiers = azure?.lifecycle;
  checkLadder(
    'azure',
    [
      age(`${at}.azure.lifecycle.tier_to_cool`, 'move to Cool', tiers?.tier_to_cool),
      age(`${at}.azure.lifecycle.tier_to_archive`, 'move to Archive', tiers?.tier_to_archive),
      age(`${at}.azure.lifecycle.delete_after`, 'are deleted', tiers?.delete_after),
    ],
    report,
  );
  const classes = gcs?.lifecycle;
  checkLadder(
    'google',
    [
      age(`${at}.gcs.lifecycle.nearline`, 'move to Nearline', classes?.nearline),
      age(`${at}.gcs.lifecycle.coldline`, 'move to Coldline', classes?.coldline),
      age(`${at}.gcs.lifecycle.archive`, 'move to Archive', classes?.archive),
      age(`${at}.gcs.lifecycle.delete_after`, 'are deleted', classes?.delete_after),
    ],
    report,
  );
}

function age(path: string, what: string, days: number | undefined): Age | undefined {
  return days === undefined ? undefined : { path, what, days };
}

const S3_GAP_DAYS = 30;

function checkLadder(cloud: CloudId, ladder: Ladder, report: Report): void {
  const ages = ladder.filter((one) => one !== undefined);
  const [first] = ages;
  const least = clouds[cloud].limits.firstTransitionDays;
  if (first && first.what === 'move to STANDARD_IA' && first.days < least) {
    report({
      code: 'DR2011',
      path: first.path,
      message: `objects ${first.what} after ${first.days} days, and S3 moves them after ${least} at the earliest`,
      fix: `write at least ${least}`,
    });
  }
  for (const [index, later] of ages.entries()) {
    const earlier = ages[index - 1];
    if (!earlier) continue;
    if (later.days <= earlier.days) {
      report({
        code: 'DR2010',
        path: later.path,
        message: `objects ${later.what} after ${later.days} days, which is not after they ${earlier.what} at ${earlier.days}`,
        fix: `make it more than ${earlier.days}`,
      });
    } else if (cloud === 'aws' && later.what === 'move to Glacier' && later.days < earlier.days + S3_GAP_DAYS) {
      report({
        code: 'DR2011',
        path: later.path,
        message: `objects ${later.what} ${later.days - earlier.days} days after they ${earlier.what}, and S3 wants ${S3_GAP_DAYS} between the two`,
        fix: `make it at least ${earlier.days + S3_GAP_DAYS}`,
      });
    }
  }
}
