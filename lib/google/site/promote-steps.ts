import { choose } from '../workflow-steps';
import type { SubWorkflow } from '../workflow-steps';
import { command } from './serve-steps';
import type { Promoted } from './serve-steps';
import { changeSql, setPolicy, sqlOperation } from './sql-steps';
import { ask, SQL } from './steps';

/** Makes the database of the site the one that is written to; asked again, it does nothing a second time. */
export function promote(database: Promoted | null): Readonly<Record<string, SubWorkflow>> {
  const more = { sql_operation: sqlOperation(), policy: setPolicy() };
  switch (database?.kind) {
    case undefined:
      return { promote: { params: ['id', 'deadline'], steps: [{ none: { return: 'the site has no database' } }] } };
    case 'service':
      return {
        ...more,
        promote: {
          params: ['id', 'deadline'],
          steps: [
            { start: { call: 'policy', args: { policy: 'ALWAYS', deadline: '${deadline}' } } },
            { done: { return: 'started, with what was restored last' } },
          ],
        },
      };
    case 'replica':
      return { ...more, promote: promoteReplica(database) };
    case 'machines':
      return { promote: tell('promote', database), command: command(database) };
  }
}

/** https://cloud.google.com/sql/docs/postgres/admin-api/rest/v1/instances/promoteReplica */
function promoteReplica({ multiZone, engine }: Extract<Promoted, { kind: 'replica' }>): SubWorkflow {
  const backups = engine === 'postgresql' ? { pointInTimeRecoveryEnabled: true } : { binaryLogEnabled: true };
  return {
    params: ['id', 'deadline'],
    steps: [
      { look: ask('GET', SQL, 'answer') },
      { follows: choose([['answer.body.instanceType == "READ_REPLICA_INSTANCE"', 'promote']], 'done') },
      ...changeSql({ name: 'promote', method: 'POST', url: `${SQL} + "/promoteReplica"` }),
      {
        settle: ask('PATCH', SQL, 'answer', {
          settings: {
            backupConfiguration: { enabled: true, startTime: '02:00', ...backups },
            ...(multiZone && { availabilityType: 'REGIONAL' }),
          },
        }),
      },
      { done: { return: 'promoted' } },
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
