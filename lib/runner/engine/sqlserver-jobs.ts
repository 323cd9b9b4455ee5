import { z } from 'zod';
import type { SqlServerClient } from './sqlserver-client';
import { textOf } from './sqlserver-script';
import type { Script } from './sqlserver-script';

/** https://learn.microsoft.com/sql/relational-databases/system-tables/dbo-sysjobs-transact-sql, dbo-sysjobsteps, dbo-sysschedules */
const JOBS = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT j.name AS [name], j.enabled AS [enabled],
  j.description AS [description], c.name AS [category], SUSER_SNAME(j.owner_sid) AS [owner], j.start_step_id AS [start],
  (SELECT s.step_id AS [id], s.step_name AS [name], s.subsystem AS [subsystem], s.command AS [command],
    s.database_name AS [database], s.database_user_name AS [user], s.on_success_action AS [onSuccess],
    s.on_success_step_id AS [onSuccessStep], s.on_fail_action AS [onFail], s.on_fail_step_id AS [onFailStep],
    s.retry_attempts AS [retries], s.retry_interval AS [retryMinutes], s.output_file_name AS [output],
    s.flags AS [flags], p.name AS [proxy]
    FROM msdb.dbo.sysjobsteps AS s LEFT JOIN msdb.dbo.sysproxies AS p ON p.proxy_id = s.proxy_id
    WHERE s.job_id = j.job_id FOR JSON PATH, INCLUDE_NULL_VALUES) AS [steps],
  (SELECT h.name AS [name], h.enabled AS [enabled], h.freq_type AS [freqType], h.freq_interval AS [freqInterval],
    h.freq_subday_type AS [subdayType], h.freq_subday_interval AS [subdayInterval],
    h.freq_relative_interval AS [relativeInterval], h.freq_recurrence_factor AS [recurrence],
    h.active_start_date AS [startDate], h.active_end_date AS [endDate], h.active_start_time AS [startTime],
    h.active_end_time AS [endTime]
    FROM msdb.dbo.sysjobschedules AS k JOIN msdb.dbo.sysschedules AS h ON h.schedule_id = k.schedule_id
    WHERE k.job_id = j.job_id FOR JSON PATH, INCLUDE_NULL_VALUES) AS [schedules]
  FROM msdb.dbo.sysjobs AS j LEFT JOIN msdb.dbo.syscategories AS c ON c.category_id = j.category_id
  FOR JSON PATH, INCLUDE_NULL_VALUES);`;

const text = z.string().nullable();
const number = z.int();

const Step = z.object({
  id: number,
  name: z.string(),
  subsystem: z.string(),
  command: text,
  database: text,
  user: text,
  onSuccess: number,
  onSuccessStep: number,
  onFail: number,
  onFailStep: number,
  retries: number,
  retryMinutes: number,
  output: text,
  flags: number,
  proxy: text,
});

const Schedule = z.object({
  name: z.string(),
  enabled: number,
  freqType: number,
  freqInterval: number,
  subdayType: number,
  subdayInterval: number,
  relativeInterval: number,
  recurrence: number,
  startDate: number,
  endDate: number,
  startTime: number,
  endTime: number,
});

const Job = z.object({
  name: z.string(),
  enabled: number,
  description: text,
  category: text,
  owner: text,
  start: number,
  steps: z.array(Step).nullable(),
  schedules: z.array(Schedule).nullable(),
});

export type Job = z.infer<typeof Job>;

/** Jobs of SQL Server Agent. They stay in msdb where there is no agent, as on Express. */
export async function readJobs(client: SqlServerClient): Promise<readonly Job[]> {
  return client.ask('jobs of the agent', JOBS, z.array(Job).default([]));
}

/** Every job comes back switched off: a restored server must not act by itself. */
export function scriptJobs(jobs: readonly Job[], script: Script): void {
  script.comment('Jobs of the agent, all of them switched off');
  for (const job of jobs) {
    if (job.category !== null) {
      script.batch(
        `DECLARE @name nvarchar(max) = ${textOf(job.category)}; IF NOT EXISTS (SELECT 1 FROM msdb.dbo.syscategories WHERE name = @name AND category_class = 1) EXEC msdb.dbo.sp_add_category @class = 'JOB', @type = 'LOCAL', @name = @name;`,
      );
    }
    script.batch(jobBatch(job));
  }
  const enabled = jobs.filter((job) => job.enabled === 1);
  if (enabled.length > 0) script.comment('These were switched on:');
  for (const { name } of enabled)
    script.comment(`EXEC msdb.dbo.sp_update_job @job_name = ${textOf(name)}, @enabled = 1;`);
}

type Value = string | number | null;

/** Arguments of a procedure are values and no expressions, so each has a variable. */
function jobBatch(job: Job): string {
  const declared: string[] = [];
  const call = (procedure: string, values: Readonly<Record<string, Value>>): string => {
    const args = Object.entries(values).flatMap(([name, value]) => {
      if (value === null) return [];
      const variable = `@v${declared.length + 1}`;
      const type = typeof value === 'number' ? 'int' : 'nvarchar(max)';
      declared.push(`${variable} ${type} = ${typeof value === 'number' ? value : textOf(value)}`);
      return [`@${name} = ${variable}`];
    });
    return `EXEC msdb.dbo.${procedure} ${args.join(', ')};`;
  };
  const { name, description, category, owner, start } = job;
  const steps = job.steps ?? [];
  const calls = [
    call('sp_add_job', { job_name: name, enabled: 0, description, category_name: category, owner_login_name: owner }),
    ...steps.map((step) => call('sp_add_jobstep', stepValues(name, step))),
    ...(steps.length === 0 ? [] : [call('sp_update_job', { job_name: name, start_step_id: start })]),
    ...(job.schedules ?? []).map((one) => call('sp_add_jobschedule', scheduleValues(name, one))),
    call('sp_add_jobserver', { job_name: name, server_name: '(local)' }),
  ];
  const exists = `EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = ${textOf(name)})`;
  return `DECLARE ${declared.join(', ')}; IF NOT ${exists} BEGIN ${calls.join(' ')} END;`;
}

/** https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-add-jobstep-transact-sql */
function stepValues(job: string, step: z.infer<typeof Step>): Readonly<Record<string, Value>> {
  return {
    job_name: job,
    step_id: step.id,
    step_name: step.name,
    subsystem: step.subsystem,
    command: step.command,
    database_name: step.database,
    database_user_name: step.user,
    on_success_action: step.onSuccess,
    on_success_step_id: step.onSuccessStep,
    on_fail_action: step.onFail,
    on_fail_step_id: step.onFailStep,
    retry_attempts: step.retries,
    retry_interval: step.retryMinutes,
    output_file_name: step.output,
    flags: step.flags,
    proxy_name: step.proxy,
  };
}

/** https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-add-jobschedule-transact-sql */
function scheduleValues(job: string, one: z.infer<typeof Schedule>): Readonly<Record<string, Value>> {
  return {
    job_name: job,
    name: one.name,
    enabled: one.enabled,
    freq_type: one.freqType,
    freq_interval: one.freqInterval,
    freq_subday_type: one.subdayType,
    freq_subday_interval: one.subdayInterval,
    freq_relative_interval: one.relativeInterval,
    freq_recurrence_factor: one.recurrence,
    active_start_date: one.startDate,
    active_end_date: one.endDate,
    active_start_time: one.startTime,
    active_end_time: one.endTime,
  };
}
