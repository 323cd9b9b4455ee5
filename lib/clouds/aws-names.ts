import { awsRegionPattern } from './aws-regions';
import type { NameRule, Reading } from './cloud';
import type { Fault } from './name-rule';
import { always, judgeBy, namingRule, never, notAnAddress, onlyCharacters, refused } from './name-rule';

const BUCKET_SOURCE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html';
const NAMESPACE_SUFFIX = '-an';
const LONGEST_BUCKET = 63;
/** The service offers no account-regional names in Bahrain and the UAE (user guide, "Namespaces for general purpose buckets"). */
const WITHOUT_NAMESPACE = ['me-central-1', 'me-south-1'];

/** Stands for the account in a name that is made before the account is known; an id is twelve digits long. */
export const ACCOUNT_PLACEHOLDER = '{account}';
const ACCOUNT_DIGITS = 12;

const reservedStarts = ['xn--', 'sthree-', 'amzn-s3-demo-'];
const reservedEnds = ['-s3alias', '--ol-s3', '.mrap', '--x-s3', '--table-s3'];
const reservedStart: Fault = (name) =>
  reservedBy(
    'starts',
    reservedStarts.find((start) => name.startsWith(start)),
  );
const reservedEnd: Fault = (name) =>
  reservedBy(
    'ends',
    reservedEnds.find((end) => name.endsWith(end)),
  );

function reservedBy(verb: string, affix: string | undefined): string | undefined {
  return affix === undefined ? undefined : `${verb} with "${affix}", which S3 reserves`;
}

/** Dots beside hyphens are no rule of the service's page; the CDK refuses them at synth, and DNS does not know them. */
const bucketFaults: readonly Fault[] = [
  onlyCharacters(/[a-z0-9.-]/, 'lower case letters, digits, dots and hyphens'),
  always(/^[a-z0-9]/, 'starts with neither a letter nor a digit'),
  always(/[a-z0-9]$/, 'ends with neither a letter nor a digit'),
  never(/\.\./, 'has two dots in a row'),
  never(/\.-|-\./, 'has a dot beside a hyphen'),
  notAnAddress,
  reservedStart,
  reservedEnd,
];

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
export const s3Bucket: NameRule = namingRule({
  text: 'an S3 bucket: 3 to 63 lower case letters, digits, dots and hyphens, from letter or digit to letter or digit',
  source: BUCKET_SOURCE,
  length: [3, LONGEST_BUCKET],
  faults: [...bucketFaults, never(/-an$/, 'ends with "-an", which S3 keeps for account-regional names')],
});

/**
 * The full name of a bucket in the account's own namespace, `<prefix>-<account>-<region>-an`: no other account can own it.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html
 */
export function accountRegionalName(prefix: string, account: string, region: string): Reading<string> {
  if (account !== ACCOUNT_PLACEHOLDER && !/^\d{12}$/.test(account))
    return refused(`"${account}" is not an account id of 12 digits`);
  if (!awsRegionPattern.test(region)) return refused(`"${region}" is not written like an AWS region (eu-west-1)`);
  if (WITHOUT_NAMESPACE.includes(region)) return refused(`S3 has no account-regional names in ${region}`);
  if (prefix === '') return refused('the name before the account is empty');
  const room = LONGEST_BUCKET - `-${region}${NAMESPACE_SUFFIX}`.length - ACCOUNT_DIGITS - 1;
  if (prefix.length > room) return refused(`has ${prefix.length} characters, ${region} leaves room for ${room}`);
  const verdict = judgeBy(bucketFaults, `${prefix}-${'0'.repeat(ACCOUNT_DIGITS)}-${region}${NAMESPACE_SUFFIX}`);
  if (verdict.kind === 'malformed') return refused(verdict.why);
  return { ok: true, value: `${prefix}-${account}-${region}${NAMESPACE_SUFFIX}` };
}

/** @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export const kmsAlias: NameRule = namingRule({
  text: 'a KMS alias: alias/ and up to 250 letters, digits, hyphens, underscores and slashes',
  source: 'https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html',
  length: [7, 256],
  faults: [
    always(/^alias\//, 'does not start with "alias/"'),
    onlyCharacters(/[A-Za-z0-9/_-]/, 'letters, digits, hyphens, underscores and slashes'),
    never(/^alias\/aws\//, 'starts with "alias/aws/", which AWS keeps for its own keys'),
  ],
});

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const iamRole: NameRule = namingRule({
  text: 'an IAM role: 1 to 64 letters, digits and + = , . @ _ -',
  source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
  length: [1, 64],
  faults: [onlyCharacters(/[A-Za-z0-9+=,.@_-]/, 'letters, digits and + = , . @ _ -')],
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html */
export const cloudFormationStack: NameRule = namingRule({
  text: 'a CloudFormation stack: a letter, then up to 127 letters, digits and hyphens',
  source: 'https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html',
  length: [1, 128],
  faults: [
    onlyCharacters(/[A-Za-z0-9-]/, 'letters, digits and hyphens'),
    always(/^[A-Za-z]/, 'does not start with a letter'),
  ],
});
