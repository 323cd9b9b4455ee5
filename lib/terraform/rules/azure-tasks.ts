import { complain, mustMatch, textAt, type OwnRule } from '../rule';
import { asObject, blocksAt, literalsAt, numberAt, resourcesOf, valueAt, type StackJson } from '../stack-json';

const jobs = (stack: StackJson) => resourcesOf(stack, 'azurerm_container_app_job');

/** Pairs of processors and memory that Container Apps has: https://learn.microsoft.com/azure/container-apps/containers */
const fits = (cpu: number, memory: string) =>
  cpu >= 0.25 && cpu <= 4 && Number.isInteger(cpu * 4) && memory === `${cpu * 2}Gi`;

/** Five fields, in UTC: nothing else is taken, and no zone. */
const CRON = /^[\d*,/-]+(?: [\d*,/-]+){4}$/;

/** Roles of ours, and data actions with them, are worth nothing without the condition that narrows them. */
const ROLE_OF_OURS = /^\$\{azurerm_role_definition\./;

export const azureTaskRules: readonly OwnRule[] = [
  {
    id: 'azure-job-name',
    refusedBy: 'service',
    check: (stack) =>
      jobs(stack).flatMap((job) =>
        mustMatch(
          job,
          'name',
          /^[a-z](?!.*--)[a-z0-9-]{0,30}[a-z0-9]$/,
          'has to be 2 to 32 lower case letters, digits and single hyphens, with a letter first',
        ),
      ),
  },
  {
    id: 'azure-job-size',
    refusedBy: 'service',
    check: (stack) =>
      jobs(stack).flatMap((job) =>
        blocksAt(job.body, 'template.container')
          .map((container) => [numberAt(container, 'cpu') ?? 0, textAt(container, 'memory')] as const)
          .filter(([cpu, memory]) => !fits(cpu, memory))
          .map(([cpu, memory]) => complain(job, `${cpu} processors with ${memory} is no pair of Container Apps`)),
      ),
  },
  {
    id: 'azure-job-cron',
    refusedBy: 'service',
    check: (stack) =>
      jobs(stack).flatMap((job) =>
        mustMatch(job, 'schedule_trigger_config.cron_expression', CRON, 'is no cron expression of five fields'),
      ),
  },
  {
    id: 'azure-job-image',
    refusedBy: 'nobody',
    check: (stack) =>
      jobs(stack).flatMap((job) =>
        blocksAt(job.body, 'template.container').flatMap((container) =>
          literalsAt(container, 'image')
            .filter((image) => !/@sha256:[0-9a-f]{64}$/.test(image))
            .map((image) => complain(job, `image "${image}" has no digest`)),
        ),
      ),
  },
  {
    id: 'azure-automation-parameters',
    refusedBy: 'nobody',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_automation_job_schedule').flatMap((schedule) =>
        Object.keys(asObject(valueAt(schedule.body, 'parameters')) ?? {})
          .filter((name) => name !== name.toLowerCase())
          .map((name) => complain(schedule, `parameter "${name}" has to be in lower case: it changes for ever`)),
      ),
  },
  {
    id: 'azure-automation-start',
    refusedBy: 'service',
    check: (stack) =>
      resourcesOf(stack, 'azurerm_automation_schedule')
        .filter(({ body }) => literalsAt(body, 'start_time').length > 0)
        .map((schedule) => complain(schedule, 'its first start is fixed: at a later deployment it lies in the past')),
  },
  {
    id: 'azure-role-condition',
    refusedBy: 'nobody',
    check: (stack) => {
      const blobRoles = resourcesOf(stack, 'azurerm_role_definition')
        .filter(({ body }) =>
          blocksAt(body, 'permissions').some((one) =>
            JSON.stringify(valueAt(one, 'data_actions') ?? []).includes('"Microsoft.Storage/'),
          ),
        )
        .map(({ address }) => address);
      return resourcesOf(stack, 'azurerm_role_assignment')
        .filter(({ body }) => {
          const role = textAt(body, 'role_definition_id');
          return ROLE_OF_OURS.test(role) && blobRoles.some((one) => role.startsWith(`\${${one}.`));
        })
        .filter(({ body }) => textAt(body, 'condition') === '' || valueAt(body, 'condition_version') !== '2.0')
        .map((assignment) => complain(assignment, 'a role on blobs is given without a condition that names them'));
    },
  },
];
