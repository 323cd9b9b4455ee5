import { isTimeZone } from '../../units';
import { complain, mustBe, mustBeWithin, mustMatch, textAt, type Complaint, type OwnRule } from '../rule';
import { blocksAt, literalsAt, resourcesOf, valueAt, type Resource, type StackJson } from '../stack-json';

const jobs = (stack: StackJson) => resourcesOf(stack, 'google_cloud_run_v2_job');
const starts = (stack: StackJson) => resourcesOf(stack, 'google_cloud_scheduler_job');
const conditions = (stack: StackJson) =>
  resourcesOf(stack, 'google_storage_bucket_iam_member').filter(({ body }) => body.condition !== undefined);

/** CPUs, and GiB of memory from and to. https://cloud.google.com/run/docs/configuring/jobs/memory-limits */
const MEMORY: Readonly<Record<string, readonly [least: number, most: number]>> = {
  '1': [0.5, 4],
  '2': [0.5, 8],
  '4': [2, 16],
  '6': [4, 24],
  '8': [4, 32],
};
/** https://cloud.google.com/iam/quotas */
const LOGIC_OPERATORS = 12;
const CONDITION_TITLE = 100;
/** https://cloud.google.com/workflows/quotas */
const SOURCE_BYTES = 128 * 1024;
const CRON_FIELD = /^(?:\*(?:\/\d+)?|\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*)$/;

export const googleTaskRules: readonly OwnRule[] = [
  {
    id: 'google-job-name',
    refusedBy: 'service',
    check: (stack) =>
      jobs(stack).flatMap((job) =>
        mustMatch(
          job,
          'name',
          /^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/,
          'has to be at most 49 letters, digits and hyphens',
        ),
      ),
  },
  {
    id: 'google-job-image',
    refusedBy: 'nobody',
    check: (stack) =>
      jobs(stack).flatMap((job) =>
        blocksAt(job.body, 'template.template.containers').flatMap((container) =>
          literalsAt(container, 'image')
            .filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image))
            .map((image) => complain(job, `image "${image}" is not named by its digest`)),
        ),
      ),
  },
  {
    id: 'google-job-size',
    refusedBy: 'service',
    check: (stack) => jobs(stack).flatMap(sizeOf),
  },
  {
    // What is tried again is for the workflow to say: Cloud Run's own tries know no exit code.
    id: 'google-job-once',
    refusedBy: 'nobody',
    check: (stack) => jobs(stack).flatMap((job) => mustBe(job, 'template.template.max_retries', 0)),
  },
  {
    id: 'google-schedule',
    refusedBy: 'service',
    check: (stack) =>
      starts(stack).flatMap((start) => {
        const fields = textAt(start.body, 'schedule').split(' ');
        const zone = textAt(start.body, 'time_zone');
        return [
          ...(fields.length === 5 && fields.every((field) => CRON_FIELD.test(field))
            ? []
            : [complain(start, `schedule "${fields.join(' ')}" has not five fields of numbers`)]),
          ...(isTimeZone(zone) ? [] : [complain(start, `time_zone "${zone}" does not exist`)]),
          // Both fields of days: a job starts where either matches.
          ...(fields[2] !== '*' && fields[4] !== '*'
            ? [complain(start, 'narrows days of the month and of the week')]
            : []),
        ];
      }),
  },
  {
    // Google's own APIs take OAuth tokens; OIDC ones are for services of one's own.
    id: 'google-schedule-token',
    refusedBy: 'service',
    check: (stack) =>
      starts(stack)
        .filter(({ body }) => /\.googleapis\.com\//.test(textAt(body, 'http_target.uri')))
        .filter(({ body }) => blocksAt(body, 'http_target.oauth_token').length === 0)
        .map((start) => complain(start, 'calls an API of Google without an OAuth token')),
  },
  {
    id: 'google-account-id',
    refusedBy: 'provider',
    check: (stack) => {
      const accounts = resourcesOf(stack, 'google_service_account');
      return accounts.flatMap((account, index) => [
        ...mustMatch(account, 'account_id', /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, 'has to have 6 to 30 characters'),
        ...(accounts.findIndex(({ body }) => body.account_id === account.body.account_id) === index
          ? []
          : [complain(account, `account_id "${String(account.body.account_id)}" is taken twice`)]),
      ]);
    },
  },
  {
    id: 'google-role-id',
    refusedBy: 'provider',
    check: (stack) =>
      resourcesOf(stack, 'google_project_iam_custom_role').flatMap((role) =>
        mustMatch(role, 'role_id', /^[A-Za-z0-9_.]{3,64}$/, 'has to be 3 to 64 letters, digits, underscores and dots'),
      ),
  },
  {
    id: 'google-condition',
    refusedBy: 'service',
    check: (stack) =>
      conditions(stack).flatMap((member) => {
        const expression = textAt(member.body, 'condition.expression');
        const operators = expression.match(/&&|\|\||!(?!=)/g)?.length ?? 0;
        return [
          ...(operators > LOGIC_OPERATORS ? [complain(member, `condition has ${operators} logic operators`)] : []),
          ...(textAt(member.body, 'condition.title').length > CONDITION_TITLE
            ? [complain(member, `condition has a title of more than ${CONDITION_TITLE} characters`)]
            : []),
        ];
      }),
  },
  {
    id: 'google-workflow-source',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'google_workflows_workflow').flatMap((workflow) => {
        const source = textAt(workflow.body, 'source_contents');
        return [
          ...(/(?<!\$)\$\{/.test(source)
            ? [complain(workflow, 'source has an expression that Terraform would take for its own')]
            : []),
          ...mustBeWithin({ ...workflow, body: { bytes: source.length } }, 'bytes', 1, SOURCE_BYTES),
        ];
      }),
  },
];

function sizeOf(job: Resource): readonly Complaint[] {
  return blocksAt(job.body, 'template.template.containers').flatMap((container) => {
    const limits = valueAt(container, 'resources.limits') as
      { readonly cpu?: string; readonly memory?: string } | undefined;
    const [least, most] = MEMORY[limits?.cpu ?? ''] ?? [];
    const [, size, unit] = /^(\d+)(Mi|Gi)$/.exec(limits?.memory ?? '') ?? [];
    const memory = Number(size) / (unit === 'Mi' ? 1024 : 1);
    return least !== undefined && most !== undefined && memory >= least && memory <= most
      ? []
      : [complain(job, `${limits?.cpu} CPUs and ${limits?.memory} of memory do not go together`)];
  });
}
