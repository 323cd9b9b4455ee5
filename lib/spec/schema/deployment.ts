import { choice, integer, leaf, pattern } from '../leaf';
import { block, defaulted, list, map, optional, required } from '../structure';
import type { Typed } from '../type';
import { awsRegion, azureLocation, container, s3Bucket, storageAccount } from '../types/cloud';
import { resourceName } from '../types/resource';
import { days, duration } from '../types/time';
import { email, flag, phone, text, tier } from '../types/word';
import { dns, primarySite, siteSettings } from './sites';
import { taskImage } from './task-image';

/**
 * Names are made from it, so it fits the strictest rules: key vaults take no two hyphens in a row, and S3 reserves
 * some beginnings (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html).
 */
const deploymentName = pattern({
  name: 'deployment name',
  text: 'a name of 2 to 24 lower case letters, digits and single hyphens that starts with a letter, and not with the words "sthree" or "amzn-s3-demo"',
  pattern: /^(?=.{2,24}$)(?!(?:sthree|amzn-s3-demo)(?:-|$))[a-z](-?[a-z0-9])+$/,
  examples: ['hypnoscript', 'acme'],
  rejects: 'Acme_1',
});
const awsAccount = pattern({
  name: 'AWS account',
  text: 'an account id of 12 digits in quotes',
  pattern: /^\d{12}$/,
  examples: ['111122223333', '444455556666'],
  rejects: '1234',
});
/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
const policyName = pattern({
  name: 'IAM policy name',
  text: 'the name of a managed policy, with its path but without arn:, such as "boundaries/developer"',
  pattern: /^(?!arn:)(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,128}$/,
  examples: ['developer-boundary', 'boundaries/developer'],
  rejects: 'arn:aws:iam::111122223333:policy/developer',
});
const subscription = pattern({
  name: 'Azure subscription',
  text: 'a subscription id such as "00000000-0000-4000-8000-000000000000"',
  pattern: /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/,
  examples: ['00000000-0000-4000-8000-000000000000', '11111111-0000-4000-8000-000000000000'],
  rejects: 'my subscription',
});
const project = pattern({
  name: 'Google project',
  text: 'a project id of 6 to 30 lower case letters, digits and hyphens',
  pattern: /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  examples: ['acme-backup', 'acme-archive'],
  rejects: 'Acme',
});
const keyName = pattern({
  name: 'key name',
  text: 'the name of a key of 1 to 127 letters, digits and hyphens',
  pattern: /^[A-Za-z0-9](-?[A-Za-z0-9]){0,126}$/,
  examples: ['acme-backup', 'acme-archive'],
  rejects: 'a/b',
});
const recipientKey = pattern({
  name: 'age recipient',
  text: 'a public key of age such as "age1..."',
  pattern: /^age1[a-z0-9]{58}$/,
  examples: [`age1${'q'.repeat(58)}`, `age1${'p'.repeat(58)}`],
  rejects: 'a password',
});
const specPath = pattern({
  name: 'spec path',
  text: 'a path of the spec such as "disaster_recovery.objectives.rto", or "*"',
  pattern: /^(\*|[A-Za-z_][^\s]{0,300})$/,
  examples: ['backup.cloud', '*'],
  rejects: 'not a path',
});
const code = pattern({
  name: 'diagnostic code',
  text: 'a code such as "DR3001"',
  pattern: /^DR\d{4}$/,
  examples: ['DR3001', 'DR3002'],
  rejects: '3001',
});
const date = pattern({
  name: 'date',
  text: 'a date such as "2027-03-31"',
  pattern: /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/,
  examples: ['2027-03-31', '2027-06-30'],
  rejects: 'soon',
});
const command = pattern({
  name: 'command',
  text: 'a command line of 1 to 1000 characters',
  pattern: /^[^\0\n\r]{1,1000}$/,
  examples: ['/usr/local/bin/quiesce', '/usr/local/bin/resume'],
  rejects: '',
});
const cidr = pattern({
  name: 'address range',
  text: 'a range such as "10.0.0.0/16" or an address',
  pattern: /^(\d{1,3}\.){3}\d{1,3}(\/([0-9]|[12]\d|3[0-2]))?$/,
  examples: ['10.0.0.0/16', '192.0.2.10'],
  rejects: 'everywhere',
});
const stateKey = pattern({
  name: 'state key',
  text: 'a key or prefix of the state objects such as "hypnoscript/prod"',
  pattern: /^[A-Za-z0-9/_.-]{1,200}$/,
  examples: ['acme/backup', 'acme/archive'],
  rejects: 'not a key',
});
/** Keys of tags may have colons, as that of hosts by default has: `hypnoscript:backup`. */
const HOST = /^(container|hosts:([A-Za-z0-9_.:/-]+=)?[A-Za-z0-9_./-]+)$/;
const host = leaf<string>({
  name: 'task host',
  text: '"container", or "hosts:tag=value" or "hosts:machine" for machines',
  examples: ['"container"', '"hosts:role=database"', '"hosts:hypnoscript:backup=orders"'],
  rejects: '"somewhere"',
  json: { type: 'string', pattern: HOST.source },
  read: (plain) => (typeof plain === 'string' && HOST.test(plain) ? plain : undefined),
});

const immutability = block({
  mode: defaulted(
    choice('immutability mode', ['off', 'governance', 'compliance']),
    'governance',
    'off, governance (break-glass can delete) or compliance (nobody can)',
  ),
  days: optional(days, 'days for which nothing can be deleted', 'from the retention of the types that land there'),
});

const network = block({
  network: optional(resourceName, 'existing network', 'an isolated one'),
  subnets: optional(list(resourceName), 'existing subnets', 'an isolated one'),
  allowed_ranges: optional(list(cidr), 'addresses that may reach the stores beside the clouds\' own', 'none'),
});

const state = block({
  type: required(choice('state backend', ['local', 's3', 'azurerm', 'gcs']), 'kind of the Terraform backend'),
  bucket: optional(s3Bucket, 'bucket of s3 or gcs', 'none'),
  region: optional(awsRegion, 'region of the s3 bucket', 'none'),
  key: optional(stateKey, 'key or prefix of the state objects', 'the name of the deployment'),
  resource_group: optional(resourceName, 'resource group of azurerm', 'none'),
  storage_account: optional(storageAccount, 'storage account of azurerm', 'none'),
  container: optional(container, 'container of azurerm', 'none'),
});

/** The block `deployment`: what the spec does not say. */
export const deployment = block({
  name: defaulted(deploymentName, 'hypnoscript', 'prefix of every name that the spec does not give'),
  environment: defaulted(deploymentName, 'default', 'second part of the prefix; "production" makes unset variables errors'),
  aws: optional(
    block({
      account: optional(awsAccount, 'account of the stacks', 'the account of the credentials'),
      regions: optional(list(awsRegion), 'regions that stacks may be in', 'those that the spec names'),
      permissions_boundary: optional(policyName, 'managed policy of each account that every role gets as its permissions boundary', 'none'),
    }),
    'where on AWS',
    'from the credentials',
  ),
  azure: optional(
    block({
      subscription: optional(subscription, 'subscription of the stacks', 'ARM_SUBSCRIPTION_ID'),
      tenant: optional(subscription, 'tenant whose jobs other clouds trust', 'copies into Azure cannot read AWS'),
      location: optional(azureLocation, 'location of the stores', 'that of an Azure site, else westeurope'),
      key_name: optional(keyName, 'name of the key in the vault', '<name>-backup'),
    }),
    'where on Azure',
    'from the credentials',
  ),
  google: optional(
    block({ project: optional(project, 'project of the stacks', 'GOOGLE_PROJECT') }),
    'where on Google Cloud',
    'from the credentials',
  ),
  bucket_naming: defaulted(
    choice('bucket naming', ['literal', 'account_regional']),
    'literal',
    'S3 bucket names as the spec writes them, or in the account-regional namespace',
  ),
  vault: optional(
    block({
      account: optional(awsAccount, 'AWS account of replicas', 'the same account'),
      subscription: optional(subscription, 'Azure subscription of copies', 'the same subscription'),
      project: optional(project, 'Google project of copies', 'the same project'),
    }),
    'accounts of their own for copies',
    'the same accounts',
  ),
  tasks: optional(
    map(
      'task',
      block({
        host: optional(host, 'where the task runs', 'from engine and paths'),
        expected_duration: optional(duration, 'how long a run takes', 'the default of the engine'),
        hard_stop: defaulted(flag, false, 'end the run at the end of the window'),
        hooks: optional(
          block({
            before: optional(command, 'before a run', 'nothing'),
            after: optional(command, 'after a good run', 'nothing'),
            on_error: optional(command, 'after a failed run', 'nothing'),
          }),
          'commands around a run',
          'none',
        ),
      }),
    ),
    'settings of single tasks, by the name of the data set',
    'none',
  ),
  max_parallel: defaulted(integer('parallel runs', 'a whole number', 1, 100), 2, 'runs at once on one source host'),
  image: optional(taskImage, 'the container', 'the image\'s build refuses'),
  task_shards: defaulted(integer('shards', 'a whole number', 1, 64), 1, 'number of task stacks'),
  immutability: optional(
    block({
      mode: defaulted(choice('immutability mode', ['off', 'governance', 'compliance']), 'governance', 'mode of stores that name none'),
      days: optional(days, 'days for which nothing can be deleted', 'from the retention of the types that land there'),
      stores: optional(map('store', immutability), 'modes of single stores, by bucket, container or store name', 'none'),
    }),
    'locks on stored objects',
    'governance; Google: versioning instead',
  ),
  encryption: optional(
    block({ recipient: optional(recipientKey, 'public key for copies that have no key service', 'local copies are not encrypted') }),
    'keys for copies without a key service',
    'none, a finding',
  ),
  validation: optional(
    map(
      'validation',
      block({
        queries: required(list(text), 'queries that must each answer with a first value that is not false, 0, empty or NULL'),
        database: optional(text, 'database in which they run', 'the only one of the backup'),
      }),
    ),
    'sanity queries of test restores, by the name of the data set',
    'counts and newest timestamp',
  ),
  network: optional(
    block({ aws: optional(network, 'on AWS', 'an isolated one'), azure: optional(network, 'on Azure', 'an isolated one'), google: optional(network, 'on Google Cloud', 'an isolated one') }),
    'existing networks',
    'isolated ones',
  ),
  primary_site: primarySite,
  dns,
  sites: siteSettings,
  contacts: optional(
    map(
      'contact',
      block({
        email: optional(email, 'mail address', 'none'),
        phone: optional(phone, 'phone number', 'none'),
        slack: optional(text, 'Slack channel', 'none'),
        pagerduty: optional(text, 'PagerDuty service', 'none'),
      }),
    ),
    'teams and roles that the spec refers to, by name',
    'none',
  ),
  tiers: optional(
    map('data set, site or function', tier),
    'tier of data sets, sites and functions, by name',
    'all critical',
  ),
  state: optional(state, 'backend of the Terraform state', 'local'),
  acknowledge: optional(
    list(
      block({
        code: required(code, 'code of the finding'),
        path: required(specPath, 'path that it is about; findings below it are meant too'),
        reason: required(text, 'why it is accepted'),
        until: optional(date, 'last day of the acknowledgement', 'for good'),
      }),
    ),
    'findings that are accepted',
    'none',
  ),
});

export type DeploymentSpec = Typed<typeof deployment>;
export type ImmutabilitySpec = Typed<typeof immutability>;
