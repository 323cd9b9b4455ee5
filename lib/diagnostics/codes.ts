import type { Severity } from './diagnostic';
import { sitePages } from './site-codes';

/** What is known about a code: shown by `hypdr explain` and in docs/diagnostics.md. Codes are never reused. */
export interface CodePage {
  readonly severity: Severity;
  /** A few words, lower case. */
  readonly title: string;
  /** What it means, why it matters, and the way out, in whole sentences. */
  readonly explain: string;
}

const syntax = {
  DR1001: {
    severity: 'error',
    title: 'unexpected text',
    explain:
      'The parser met something that no entry can start with. An entry is `key: value` or `key { ... }`; commas between entries are optional. Everything after the next line break is read as usual, so that one mistake is one finding.',
  },
  DR1002: {
    severity: 'error',
    title: 'string without an end',
    explain:
      'A string starts with a quote and the line ends before the closing one. Close it on the same line, or use """...""" for text over several lines.',
  },
  DR1003: {
    severity: 'error',
    title: 'unknown escape in a string',
    explain:
      'Known escapes are \\\\ \\" \\n \\t and \\uXXXX with four hexadecimal digits. A Windows path needs doubled backslashes: "C:\\\\Backups".',
  },
  DR1004: {
    severity: 'error',
    title: 'comment without an end',
    explain: 'A comment that starts with /* ends with */. Comments do not nest.',
  },
  DR1005: {
    severity: 'error',
    title: 'value missing',
    explain: 'A key is followed by a colon but no value: a string, a number, true, false, env.NAME, a list or a block.',
  },
  DR1006: {
    severity: 'error',
    title: 'colon missing',
    explain: 'Between a key and its value stands a colon; only a block may follow its key directly: `key { ... }`.',
  },
  DR1007: {
    severity: 'error',
    title: 'block or list without an end',
    explain:
      'An opening brace or bracket has no closing partner. Where the file is indented, the indentation tells which one is missing, and the rest is read as if it were there.',
  },
  DR1008: {
    severity: 'error',
    title: 'closing brace or bracket without a partner',
    explain:
      'A closing brace or bracket closes nothing. Where the file is indented, the indentation tells which one is too many.',
  },
  DR1009: {
    severity: 'error',
    title: 'the same key twice',
    explain:
      'A key may stand once in its block. Both lines are named; nothing guesses which one counts. This holds over several files too: blocks are merged, and the same leaf twice is an error that names both places.',
  },
  DR1010: {
    severity: 'error',
    title: 'nested too deeply',
    explain: 'Blocks and lists may be nested 64 levels deep. No spec needs more; such a text is usually not a spec.',
  },
  DR1011: {
    severity: 'error',
    title: 'misspelt block name',
    explain:
      'A top-level block has a name within two letters of one of ours, or equal but for case. It is an error rather than a foreign block, because protection must never be lost to a typing mistake.',
  },
  DR1012: {
    severity: 'error',
    title: 'no block of ours',
    explain:
      'The spec holds none of the blocks backup, disaster_recovery, business_continuity, backup_monitoring, database or deployment. In Markdown only ```hyp fences are read.',
  },
  DR1013: {
    severity: 'note',
    title: 'block of another concern skipped',
    explain:
      'HypnoScript files hold blocks of other concerns too. A top-level block with a name that is not ours is skipped as a whole and said once.',
  },
  DR1014: {
    severity: 'error',
    title: 'malformed number',
    explain:
      'Numbers are integers or decimals such as 30 or 0.5. An amount with a unit is a string: "15m", "100GB", "50%".',
  },
  DR1015: {
    severity: 'error',
    title: 'text without quotes',
    explain: 'Text stands in double quotes. Without quotes only true, false, numbers and env.NAME are values.',
  },
  DR1016: {
    severity: 'error',
    title: 'file that cannot be read',
    explain:
      'A spec path does not exist, is not readable, is not UTF-8 text, or is a folder without .hyp or .md files.',
  },
  DR1017: {
    severity: 'error',
    title: 'too many syntax errors',
    explain: 'After 100 syntax errors a file is probably not a spec. The first ones are shown.',
  },
  DR1018: {
    severity: 'error',
    title: 'text outside of a block',
    explain: 'At the top level of a file stand only blocks: `backup { ... }`, without a colon after the name.',
  },
  DR3071: {
    severity: 'warning',
    title: 'bucket that an isolated network does not reach',
    explain:
      'The isolated network in which tasks on AWS run has no way out but to endpoints, and its way to S3 leads to buckets of its own region only. Backups into a bucket of another region are left out of every run there, and nothing verifies or prunes what it holds. A replica is not meant: S3 fills it by itself.',
  },
} as const satisfies Record<string, CodePage>;

const spec = {
  DR2001: {
    severity: 'error',
    title: 'unknown key',
    explain: 'The block has no such key. Nothing is silently ignored; the message names the nearest known one.',
  },
  DR2002: {
    severity: 'error',
    title: 'wrong type or value',
    explain: 'The value is of another kind than its key takes. The message says what was found and what is allowed.',
  },
  DR2003: {
    severity: 'error',
    title: 'key missing',
    explain: 'The block needs a key that is not there.',
  },
  DR2004: {
    severity: 'error',
    title: 'environment variable that is not set',
    explain:
      'A value is taken from env.NAME and the environment has no such variable. Key ids and URLs have a safe default and are a warning instead (DR3010); everything else has none.',
  },
  DR2005: {
    severity: 'error',
    title: 'engine and type that do not agree',
    explain: 'The engine of a database follows from `type`. Where `engine` is given too, both must say the same.',
  },
  DR2010: {
    severity: 'error',
    title: 'ages of a lifecycle out of order',
    explain:
      'Objects move to colder classes in their order and are deleted last. S3 refuses other orders at deployment; Azure and Google accept them and never act.',
  },
  DR2011: {
    severity: 'error',
    title: 'age that the service refuses',
    explain:
      'S3 moves objects to STANDARD_IA after 30 days at the earliest, and wants 30 days between STANDARD_IA and Glacier.',
  },
  DR2020: {
    severity: 'warning',
    title: 'name that the bundled data does not know',
    explain:
      'The name has the right shape, but the data of this version does not hold it. It may be newer than the data, or a slip; it is taken as it is.',
  },
  DR2021: {
    severity: 'error',
    title: 'value of another provider, or malformed',
    explain: 'A site names regions, machines, database classes and disks of its own provider.',
  },
  DR2030: {
    severity: 'error',
    title: 'name of nothing',
    explain: 'A setting refers to a data set, store, site or function that the spec does not hold.',
  },
  DR2031: {
    severity: 'error',
    title: 'day that does not fit the frequency',
    explain: 'Weekly runs take a weekday, monthly ones a day from 1 to 28, others none.',
  },
  DR2032: {
    severity: 'error',
    title: 'window without a length',
    explain: 'The backup window starts and ends at the same time, so nothing fits in.',
  },
  DR2033: {
    severity: 'warning',
    title: 'person, team or function that nothing defines',
    explain:
      'A responsible team, a contact or a dependency is defined nowhere: not in deployment.contacts, as a team, or as a role of a team member (Technical Lead is technical_lead). On the worst day nobody would be called.',
  },
  DR2034: {
    severity: 'error',
    title: 'steps out of order',
    explain: 'Recovery steps are numbered in their order, each number once.',
  },
} as const satisfies Record<string, CodePage>;

const plan = {
  DR3001: {
    severity: 'error',
    title: 'no full backups',
    explain: 'Incremental, differential and log backups build on a full one. Without it nothing can be restored.',
  },
  DR3002: {
    severity: 'error',
    title: 'overlapping prefixes',
    explain:
      'Two data sets write under prefixes of one bucket of which one holds the other. Retention, rights and lifecycle are scoped by prefix, so each data set needs its own.',
  },
  DR3003: {
    severity: 'error',
    title: 'one place, two descriptions',
    explain:
      'Several blocks name the same bucket or account and disagree about its region, its key or its role. A place is one resource.',
  },
  DR3004: {
    severity: 'error',
    title: 'data set name taken',
    explain:
      'A data set is one task, one manifest file and one folder in the shared stores, so its name stands once in backup.database and backup.filesystem together. Upper and lower case count as the same.',
  },
  DR3005: {
    severity: 'error',
    title: 'data set that is kept nowhere',
    explain: 'The data set has no store in any cloud: neither one of its own nor one of backup.cloud.',
  },
  DR3006: {
    severity: 'error',
    title: 'archive without a place',
    explain: 'A glacier block takes region and path from the s3 block beside it. Without one it needs its own.',
  },
  DR3007: {
    severity: 'error',
    title: 'path without a prefix',
    explain:
      'Lifecycle rules find objects by the fixed beginning of their path. A path that starts with {month} or {day} has none, and a rule for the whole bucket would delete the records that the protocol keeps at its root.',
  },
  DR3008: {
    severity: 'error',
    title: 'archive setting that would change nothing',
    explain:
      'Replication keeps the keys of objects, and an archive in the bucket of s3 is a move of class within it. What s3 says holds in both, so another path, region or expiry at glacier would be ignored.',
  },
  DR3009: {
    severity: 'error',
    title: 'archive in another account with several sources',
    explain: 'An archive in an account of its own lets exactly one replication role in, so one bucket fills it.',
  },
  DR3010: {
    severity: 'warning',
    title: 'key that is not set',
    explain:
      'The spec takes a key or vault from env.NAME and the variable is not set. The stack makes a key of its own instead. With --strict-env, or deployment.environment "production", it is an error: changing the key later re-encrypts nothing that is stored.',
  },
  DR3011: {
    severity: 'error',
    title: 'key in another place than its store',
    explain: 'A key encrypts only in its own region or location.',
  },
  DR3012: {
    severity: 'note',
    title: 'AES256 read as SSE-KMS',
    explain:
      'SSE-S3 (AES256) takes no key, and its key is not yours to withhold. Objects are encrypted by SSE-KMS, which is AES-256 as well: with the key that is named, else with one of the stack.',
  },
  DR3013: {
    severity: 'error',
    title: 'name that does not fit into the account-regional namespace',
    explain:
      'With bucket_naming "account_regional", account and region become part of a bucket\'s name: at most 63 characters in all, and no dots.',
  },
  DR3014: {
    severity: 'error',
    title: 'lock longer than the service takes',
    explain: 'Each service has a longest time for which it locks objects.',
  },
  DR3015: {
    severity: 'error',
    title: 'move after the deletion',
    explain:
      'Without an expiry of its own, a place deletes objects at the longest chain of their types plus 90 days. A move to a colder class at or after that would never happen, and services refuse such rules.',
  },
  DR3016: {
    severity: 'error',
    title: 'region that the deployment does not allow',
    explain: 'deployment.aws.regions lists the regions that stacks may be in.',
  },
  DR3018: {
    severity: 'warning',
    title: 'copy to a store that is switched off',
    explain: 'A data set names a store in copies that has enabled: false, so that copy is not made.',
  },
  DR3019: {
    severity: 'error',
    title: 'regions of different partitions',
    explain:
      'AWS China, GovCloud and the isolated partitions know nothing of the others: nothing is replicated between them.',
  },
  DR3020: {
    severity: 'note',
    title: 'type that runs as another',
    explain:
      'The engine has nothing like the type of backup, so the next stronger kind runs in its place. Types that come to the same kind of run on the same date are one run with the longest retention.',
  },
  DR3021: {
    severity: 'warning',
    title: 'type that an engine does not have',
    explain: 'The engine has no backup of this type and nothing that could stand for it.',
  },
  DR3022: {
    severity: 'warning',
    title: 'two compressions for one run',
    explain: 'Types that come to the same kind of run on the same dates are one run, and a run has one compression.',
  },
  DR3023: {
    severity: 'note',
    title: 'parallel jobs with a format that has none',
    explain:
      'pg_dump -j works with the directory format only. With the custom format the dump runs in one job and the jobs go to pg_restore.',
  },
  DR3024: {
    severity: 'warning',
    title: 'partial dump',
    explain: 'A dump without rows or without definitions cannot be restored alone.',
  },
  DR3025: {
    severity: 'error',
    title: 'empty dump',
    explain: 'A dump without definitions and without rows holds nothing.',
  },
  DR3026: {
    severity: 'warning',
    title: 'copy-only base',
    explain: 'SQL Server takes differential backups against the last full backup that is not copy-only.',
  },
  DR3027: {
    severity: 'note',
    title: 'snapshot and locks',
    explain: 'mysqldump takes either one consistent snapshot or locks. The snapshot wins.',
  },
  DR3028: {
    severity: 'warning',
    title: 'dump without consistency',
    explain:
      'Without a snapshot and without locks, tables of one dump are from different moments, and a restore may break references between them.',
  },
  DR3029: {
    severity: 'warning',
    title: 'retention shorter than the interval',
    explain: 'Full backups that are deleted before the next one is taken leave days without any recovery point.',
  },
  DR3030: {
    severity: 'warning',
    title: 'lifecycle shorter than a chain',
    explain:
      'The store deletes objects by age, whatever depends on them. The spec gives a number below the longest chain: it is built as written, and recovery points will be lost earlier than their retention says.',
  },
  DR3031: {
    severity: 'note',
    title: 'two retentions',
    explain:
      'The types have a retention and the store has an expiry of its own. The explicit lifecycle of the destination wins there, prune leaves it alone until then; elsewhere the retention of the types holds, by chain.',
  },
  DR3032: {
    severity: 'note',
    title: 'transition without a class',
    explain: 'transition_days names no storage class; objects move to STANDARD_IA.',
  },
  DR3033: {
    severity: 'note',
    title: 'expiry by default',
    explain:
      'The spec gives no expiry for the place. Backups are pruned by their retention and their chains; the lifecycle is the backstop at the longest chain plus 90 days.',
  },
  DR3034: {
    severity: 'note',
    title: 'replication starts now',
    explain:
      'S3 replicates objects that are written after the rule. What is there before, and what failed, is copied by S3 Batch Replication. The stack makes the role that the job needs and puts out the whole command (aws s3control create-job ...); hypdr synth shows how to read it after the deployment. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html.',
  },
  DR3035: {
    severity: 'note',
    title: 'place that several blocks share',
    explain:
      'Several blocks name the same bucket or container. It is one resource; lifecycle rules, rights and retention are scoped by prefix.',
  },
  DR3036: {
    severity: 'warning',
    title: 'move that costs more than it saves',
    explain: 'Colder classes bill a minimum time. Objects that leave earlier are billed as if they had stayed.',
  },
  DR3037: {
    severity: 'note',
    title: 'redundancy of a storage account',
    explain: 'Zone-redundant accounts (ZRS, GZRS, RA-GZRS) have no archive tier, so accounts are RA-GRS.',
  },
  DR3038: {
    severity: 'warning',
    title: 'retrieval that uses up the RTO',
    explain:
      'Objects in Glacier are thawed before they can be read. The time that this takes counts into every recovery that needs them.',
  },
  DR3039: {
    severity: 'warning',
    title: 'storage account without a second region',
    explain:
      'The location has no paired region, so no account there can be geo-redundant. It is zone-redundant, or locally redundant where objects are archived, which zone-redundant accounts cannot.',
  },
  DR3040: {
    severity: 'warning',
    title: '3-2-1 missed',
    explain:
      'Three copies of the data with the original, on two media, one of them elsewhere. The message says what is missing.',
  },
  DR3041: {
    severity: 'note',
    title: '3-2-1 met',
    explain:
      'Three copies of the data with the original, on two media, one of them elsewhere. The message names the places.',
  },
  DR3042: {
    severity: 'warning',
    title: 'local copy without encryption',
    explain:
      'Encryption is asked for, and a folder on a host has no key service. With a public key in deployment.encryption.recipient local copies are encrypted to it; its private half belongs somewhere else.',
  },
  DR3043: {
    severity: 'warning',
    title: 'folder that patterns empty',
    explain:
      'A folder is backed up and a pattern leaves out what such a folder holds, so that its backup is empty or nearly so.',
  },
  DR3044: {
    severity: 'warning',
    title: 'never test-restored',
    explain:
      'A backup counts when it was restored. Without a test restore nobody knows whether it can be, nor how long it takes.',
  },
  DR3045: {
    severity: 'note',
    title: 'window and clock changes',
    explain:
      'Schedulers skip times that do not exist when clocks go forward, and may run twice what occurs twice. Runs are placed in the part of the window that exists once on every date.',
  },
  DR3046: {
    severity: 'warning',
    title: 'window within a skipped hour',
    explain:
      'On the day on which clocks go forward, no part of the backup window exists. Runs of that day start after it.',
  },
  DR3047: {
    severity: 'warning',
    title: 'store that nothing fills',
    explain:
      'No data set is copied to the store: none is enabled, or their copies name others. It is built empty, and nothing in it is ever deleted by age unless the spec says so.',
  },
  DR3048: {
    severity: 'warning',
    title: 'lock longer than the lifecycle',
    explain:
      'A locked object cannot be deleted by anything, the lifecycle included. Deletion waits, and the bytes are paid for.',
  },
  DR3049: {
    severity: 'note',
    title: 'protection on Google Cloud Storage',
    explain:
      'A retention policy binds everybody, and versioning is off beside it. By default versioning and soft delete protect a bucket; a retention policy is made where deployment.immutability asks for it.',
  },
  DR3050: {
    severity: 'warning',
    title: 'acknowledgement without effect',
    explain: 'An acknowledgement is over or accepts nothing. Old ones hide new findings, so they are named.',
  },
  DR3051: {
    severity: 'warning',
    title: 'replica in the same region',
    explain: 'A replica in the region of its bucket is lost with it.',
  },
  DR3052: {
    severity: 'error',
    title: 'vault without the source account',
    explain:
      'A replica bucket in another account lets exactly one role in: the replication role of the source account, which must be known.',
  },
  DR3053: {
    severity: 'error',
    title: 'state backend incomplete',
    explain: 'A remote backend of the Terraform state needs to know where it is.',
  },
  DR3054: {
    severity: 'error',
    title: 'address range that a service refuses',
    explain:
      'Storage accounts let in public IPv4 addresses, and ranges from /0 to /30. A single address stands without a length.',
  },
  DR3055: {
    severity: 'warning',
    title: 'window too small',
    explain:
      'Runs are placed by their expected durations: those of one data set on one date follow each other, and those of one source host run at most deployment.max_parallel at once. What does not fit starts late or runs over the end of the window. Say true durations in deployment.tasks.<name>.expected_duration; without them a run counts as half an hour, one of logs as five minutes.',
  },
  DR3056: {
    severity: 'note',
    title: 'frequency that no scheduler has',
    explain:
      'The schedulers of the clouds start by a calendar, or by intervals that divide a day. Another interval becomes the next shorter one of those, so that the promise is kept.',
  },
  DR3057: {
    severity: 'warning',
    title: 'task that no stack starts',
    explain:
      "Tasks in containers are started by the stacks of this version, and those on hosts by Systems Manager on AWS, by Automation (SQL Server on Azure), or by timers that hypdr synth writes for a host with Linux. Others, on hosts with Windows, are planned, checked and written as manifests, and something else has to start them: a task of Windows' scheduler that runs hypdr-runner with the manifest, at the times that hypdr schedule shows.",
  },
  DR3058: {
    severity: 'error',
    title: 'too many tasks for one stack',
    explain:
      'A CloudFormation stack holds 500 resources. Tasks are spread over deployment.task_shards stacks by a hash of their names; a shard over 80 % of the limit would soon refuse its next task.',
  },
  DR3060: {
    severity: 'warning',
    title: 'more than a Google project has',
    explain:
      'Each task on Google has three service accounts and three jobs of Cloud Run. A project may have 100 service accounts, and a region 1,000 jobs and 5,000 schedules until higher quotas are asked for, which takes a day or two: the deployment would stop halfway.',
  },
  DR3061: {
    severity: 'error',
    title: 'too many tasks for one bucket',
    explain:
      'The policy of a bucket of Cloud Storage names at most 1,500 members in all of its bindings, and this limit is never raised. The rights of a task on a bucket are nine bindings. Give data sets buckets of their own, or narrow the copies in shared stores with copies.',
  },
  DR3062: {
    severity: 'warning',
    title: 'dump written into the memory of a container',
    explain:
      'Cloud Run has no disk: files of a container lie in its memory. A dump in the directory format is written to files before it is sent, so one of more than a part of that memory ends the container. The format custom is sent while it is made, and its restore runs in parallel too.',
  },
  DR3063: {
    severity: 'warning',
    title: 'files that a container does not see',
    explain:
      'Nothing of a host is mounted into the container of a task. A set of files is backed up on the host that has it, or on one that mounts the same file system.',
  },
  DR3064: {
    severity: 'warning',
    title: 'local copy that is not kept',
    explain:
      'A container of Azure Container Apps has no disk that outlives it, and one execution of a job with arguments of its own takes no volume along; files of a container on Cloud Run lie in its memory, and a bucket that it mounts is the medium of the stores once more. The local folder of a data set whose task runs there is left out: what it would hold is in the stores. Run the task on a host (deployment.tasks.<name>.host), or remove storage.local.',
  },
  DR3065: {
    severity: 'error',
    title: 'time zone that Azure does not have',
    explain:
      'The scheduler of tasks on Azure (Logic Apps) knows time zones by their Windows names only, and CLDR has none for this one. What is on a host there is started by Azure Automation, for which Terraform takes some three hundred IANA names and no others: not Europe/Kyiv, Australia/Melbourne, Australia/Hobart or America/Detroit, and few second names of a zone, such as US/Eastern. Choose a zone with the same clock: the finding names some.',
  },
  DR3066: {
    severity: 'error',
    title: 'subnet without an id',
    explain:
      'Tasks in containers on Azure run in the first subnet of deployment.network.azure. A name alone does not say in which resource group and network it is; its id does: az network vnet subnet show --query id.',
  },
  DR3067: {
    severity: 'warning',
    title: 'copies that may read nothing',
    explain:
      'A copy job on Azure shows the token that its tenant signs, and AWS trusts the tokens of one tenant only: the one that deployment.azure.tenant names. Without it no role on AWS is made for these jobs, and each of them ends by saying that it could not read its source.',
  },
  DR3068: {
    severity: 'warning',
    title: 'more than an Azure subscription has',
    explain:
      'A subscription has 4,000 assignments of roles, which nobody raises, and 1,000 Logic Apps in a region until more are asked for. Each task on Azure has one assignment for each of its identities and stores, and a Logic App for each of its runs, for pruning and for full re-reads: the deployment would stop halfway. Let tasks share stores, or give parts of them a deployment and a subscription of their own.',
  },
  DR3069: {
    severity: 'warning',
    title: 'copies that stand before a firewall',
    explain:
      'Accounts of Azure Storage that hold backups let in private endpoints and the ranges of deployment.network.azure.allowed_ranges, and nobody else. A copy job of another cloud comes from outside: give it an address that stays (a NAT of an existing network: deployment.network.aws, deployment.network.google), and let that in.',
  },
  DR3070: {
    severity: 'warning',
    title: 'RPO missed by the schedule',
    explain:
      'At worst, what was written since the last backup is lost: the interval between two backups and the run that has not finished. That is more than the objective of the tier. A site that follows the source keeps the loss of a place from costing that much; what is deleted or encrypted reaches it too, so it is no recovery point. Tiers are set in deployment.tiers; without one a data set counts as critical.',
  },
  DR3072: {
    severity: 'warning',
    title: 'backups that are never read again',
    explain:
      'After each run what it stored is compared by sizes and checksums that the store itself computes. Only a full re-read notices that bytes have changed since, or that a key is gone. It follows validation.frequency (weekly without it), and is switched off by validation.enabled or verify_checksum: then somebody runs hypdr-runner verify --full.',
  },
  DR3073: {
    severity: 'note',
    title: 're-read at another frequency',
    explain:
      'All that is stored of a data set is read again after the backup window, on days of a calendar: daily, weekly or monthly. Another frequency becomes the next more frequent one of these, and one of less than a day becomes daily.',
  },
  DR3074: {
    severity: 'note',
    title: 'tasks that share roles',
    explain:
      'Each task on AWS has identities to write, verify and prune, as long as these are 920 roles at most: 306 tasks in containers, or 460 on hosts; a task that is test-restored has one more. An account has 1,000 roles until more are asked for. Above that the tasks of a shard share roles, containers and one Distributed Map that starts them, and the runner takes a role with a session policy that holds it to the places of its own task. All stacks of tasks change once when the number is crossed. Nothing has to be done; what is weaker is in docs/decisions/0017-many-tasks-share-roles.md.',
  },
  DR3075: {
    severity: 'warning',
    title: 'more than an AWS account has',
    explain:
      'An account has 1,000 roles and 1,500 policies of its own, and a region 5,000 alarms, until more are asked for. Tasks share roles where they are many; each task on a host still has a policy, and each task two alarms, or three where it is restored for a test. The deployment would stop halfway: ask AWS for more before, or split the spec over accounts.',
  },
  DR3076: {
    severity: 'warning',
    title: 'test restore that nothing can run',
    explain:
      "A test restore starts a throw-away server of the backup's own family beside the runner, in the container of the task. The image holds PostgreSQL and MariaDB, and files need no server. SQL Server may not be put into an image like that, and MySQL is not in Debian; its backups do not go to MariaDB. deployment.image.mysql names MySQL's own archive, by address and SHA-256, and the image has it: then its test restores are scheduled as all others. Without it, and for SQL Server, no schedule is made, in any cloud: somebody has to restore such a data set where such a server is. validation.test_restore: false says that this is meant, and leaves the data set to DR3044.",
  },
  DR3077: {
    severity: 'warning',
    title: 'test restore of what is archived',
    explain:
      'A test restore reads the newest chain, from its full on. What lies in Glacier, Deep Archive or the archive tier of Azure has to be thawed first, which takes hours and costs money; the identity of a test restore has no right to ask for it. On AWS and Azure, where every store of a data set archives sooner than its fulls follow each other, another identity asks for it before each test restore, which reads no data, and the state machine or the Logic App waits for up to three days. Where very many tasks share roles on AWS, nobody asks: such a test ends without a restore, and is told as a run that failed.',
  },
  DR3078: {
    severity: 'warning',
    title: 'test restore with little room',
    explain:
      'A test restore makes the data whole again beside a server, in a container of the cloud that the task is in. A container of Cloud Run has 32 GiB of memory at most, and its files lie in that memory: https://cloud.google.com/run/docs/configuring/services/memory-limits. A job of Container Apps has 8 GiB of disk: https://learn.microsoft.com/azure/container-apps/storage-mounts. What outgrows it is killed, and the test restore has failed although the backup is good. How large a data set is nobody knows when the plan is made. A task whose first store is on AWS has more room; on any machine hypdr-runner test-restore does the same by hand.',
  },
  DR3079: {
    severity: 'error',
    title: 'account-regional names without an account',
    explain:
      'In S3\'s account-regional namespace a bucket is called name-account-region-an. Stacks learn their account when they are deployed; a task manifest and what restores by hand must know the whole name before. Set deployment.aws.account, or keep bucket_naming "literal".',
  },
  DR3083: {
    severity: 'note',
    title: 'what has to be kept elsewhere',
    explain:
      'Beside the data lies all that a restore needs but what must not lie there: the identity of the recipient that local copies are encrypted to, the keys of the clouds that encrypt stores, and the secrets with passwords. One note for each kind names them. Who loses the identity or the key has lost what it encrypts, however many copies there are; who loses the account that holds key and data has lost both. Keep the identity in a safe, and have a copy under another key in another account or cloud.',
  },
  DR3094: {
    severity: 'warning',
    title: 'dump that the image does not hold',
    explain:
      "Each family's dump reads its own family's servers only, and the runner refuses a server of the other one. The image of tasks has MariaDB's client, as mariadb-dump: what Debian 13 calls mysqldump is in a package of its own, which is not there. MySQL's own client and server come from MySQL's archive, which deployment.image.mysql names by address and SHA-256; mysqldump is MySQL's then. The same client restores MySQL into a managed database of a site on Google. On a host the tool is what its owner installed.",
  },
  DR3097: {
    severity: 'error',
    title: 'package of another PostgreSQL',
    explain:
      'Extensions of PostgreSQL are packages for one major version of the server, such as postgresql-17-pgvector. The image of tasks has one version, 17 or what deployment.image.postgresql says: test restores start it, and its pg_dump reads servers that are as new or older. A package for another version installs that server beside it, which nobody starts, and its pg_dump may come first.',
  },
} as const satisfies Record<string, CodePage>;

/** Every diagnostic of the program. The first digit is the stage: 1 syntax, 2 spec, 3 plan and feasibility, 4 review, 5 runner. */
export const CODES = { ...syntax, ...spec, ...plan, ...sitePages } as const satisfies Record<string, CodePage>;
