import { assign, choose } from '../workflow-steps';
import type { SubWorkflow } from '../workflow-steps';
import { command } from './serve-steps';
import type { Promoted } from './serve-steps';
import { changeSql, setPolicy, sqlOperation, takeSql } from './sql-steps';
import { ask, env, PLACE, PROJECT, SQL } from './steps';

/** Between two looks at a restore that is under way. */
const LOOK_SECONDS = 30;
/** So long a promoted replica is asked to take what it may not have had before. */
const SETTLE_SECONDS = 120;

/** Makes the database of the site the one that is written to; asked again, it does nothing a second time. */
export function promote(database: Promoted | null): Readonly<Record<string, SubWorkflow>> {
  switch (database?.kind) {
    case undefined:
      return { promote: { params: ['id', 'deadline'], steps: [{ none: { return: 'the site has no database' } }] } };
    case 'service':
      return {
        sql_operation: sqlOperation(),
        policy: setPolicy(),
        no_restore: noRestore(),
        promote: {
          params: ['id', 'deadline'],
          steps: [
            { quiet: { call: 'no_restore', args: { deadline: '${deadline}' } } },
            { start: { call: 'policy', args: { policy: 'ALWAYS', deadline: '${deadline}' } } },
            { done: { return: 'started, with what was restored last' } },
          ],
        },
      };
    case 'replica':
      return { sql_operation: sqlOperation(), promote: promoteReplica(), settle: settle(database) };
    case 'machines':
      return { promote: tell('promote', database), command: command(database) };
  }
}

/**
 * Waits until nothing restores into the database any more. What begins later reads the lease, which is revoked by now, and
 * what runs reads it before its next step; but a container that runs would replace what people have begun to write to.
 * The workflow is looked at for what it does beside containers, the job for a container that outlived its workflow.
 * @see https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions/list
 * @see https://cloud.google.com/run/docs/reference/rest/v2/ExecutionReference
 */
function noRestore(): SubWorkflow {
  const place = `"/projects/" + ${PROJECT} + "/locations/" + ${PLACE}`;
  const executions = `"https://workflowexecutions.googleapis.com/v1" + ${place} + "/workflows/" + ${env('restores')} + "/executions"`;
  return {
    params: ['deadline'],
    steps: [
      { workflow: ask('GET', `${executions} + "?filter=state%3D%22ACTIVE%22"`, 'answer') },
      { list: assign({ empty: [], active: '${default(map.get(answer.body, "executions"), empty)}' }) },
      { restores: choose([['len(active) > 0', 'patience']], 'job') },
      { job: ask('GET', `"https://run.googleapis.com/v2" + ${place} + "/jobs/" + ${env('job')}`, 'answer') },
      {
        last: assign({
          never: { completionTime: '' },
          last: '${default(map.get(answer.body, "latestCreatedExecution"), never)}',
        }),
      },
      { over: choose([['"completionTime" in last', 'done']], 'patience') },
      { patience: choose([['sys.now() > deadline', 'late']], 'pause') },
      { pause: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: 'workflow' } },
      { late: { raise: 'a restore is under way, and would replace what is written: end it, or wait, and ask again' } },
      { done: { return: true } },
    ],
  };
}

/**
 * A replica becomes a server of its own, and gets what a replica may not have. That comes after, also where an earlier run
 * promoted it and died, and a takeover does not fail by it: people can write.
 * @see https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/promoteReplica
 */
function promoteReplica(): SubWorkflow {
  return {
    params: ['id', 'deadline'],
    steps: [
      { look: ask('GET', SQL, 'answer') },
      { follows: choose([['answer.body.instanceType == "READ_REPLICA_INSTANCE"', 'promote']], 'settle') },
      ...changeSql({ name: 'promote', method: 'POST', url: `${SQL} + "/promoteReplica"` }),
      {
        settle: {
          try: { call: 'settle', args: { deadline: `\${sys.now() + ${SETTLE_SECONDS}}` } },
          except: {
            as: 'error',
            steps: [
              {
                tell_unsettled: {
                  call: 'sys.log',
                  args: {
                    json: {
                      event: 'site_activation',
                      outcome: 'unsettled',
                      message:
                        'the promoted database has no backups of its own yet, and where asked for no second zone: it is written to, switch both on by hand',
                      why: '${json.encode_to_string(error)}',
                    },
                    severity: 'ERROR',
                  },
                },
              },
            ],
          },
        },
      },
      { done: { return: 'promoted' } },
    ],
  };
}

/** What a server has that people write to. Taken is enough: a second zone takes its minutes, and nobody waits for it. */
function settle({ multiZone, engine }: Extract<Promoted, { kind: 'replica' }>): SubWorkflow {
  const backups = engine === 'postgresql' ? { pointInTimeRecoveryEnabled: true } : { binaryLogEnabled: true };
  return {
    params: ['deadline'],
    steps: [
      { begin: assign({ answer: null }) },
      ...takeSql(
        {
          name: 'patch',
          method: 'PATCH',
          url: SQL,
          body: {
            settings: {
              backupConfiguration: { enabled: true, startTime: '02:00', ...backups },
              ...(multiZone && { availabilityType: 'REGIONAL' }),
            },
          },
        },
        'done',
      ),
      { done: { return: true } },
    ],
  };
}

/** Starts the first machine where it is off, and waits for what it answers to a word. */
function tell(word: 'promote', { always }: Extract<Promoted, { kind: 'machines' }>): SubWorkflow {
  return {
    params: ['id', 'deadline'],
    steps: [
      {
        say: {
          call: 'command',
          args: { word: always ? word : 'activate', id: '${id}', deadline: '${deadline}' },
          result: 'said',
        },
      },
      { give: { return: '${said}' } },
    ],
  };
}
