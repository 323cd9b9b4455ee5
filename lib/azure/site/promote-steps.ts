import { arm, lookUntil, must, oneByOne, runOn, startMachine, when } from './steps';
import type { MachineOf, Step } from './steps';

/** What becomes the database that is written to. */
export type PromotedDatabase =
  | {
      readonly kind: 'machines';
      readonly machines: readonly Pick<MachineOf, 'machine' | 'location'>[];
      /** What says whether the first could be promoted. @default - what is promoted is made later */
      readonly able?: string;
      /** What each machine runs; undefined: nothing is to be done there, since it follows the first. */
      readonly scripts: readonly (string | undefined)[];
    }
  | {
      readonly kind: 'replica';
      readonly engine: 'postgresql' | 'mysql';
      /** Id of the server. */
      readonly server: string;
      /** Whether it gets a standby in a second zone once it is promoted. */
      readonly multiZone: boolean;
    };

/** https://learn.microsoft.com/rest/api/postgresql/servers/update and https://learn.microsoft.com/rest/api/mysql/flexibleserver/servers/update */
const SERVERS = {
  postgresql: {
    api: 'api-version=2024-08-01',
    promotion: { properties: { replica: { role: 'None', promoteMode: 'standalone', promoteOption: 'forced' } } },
    standby: { properties: { highAvailability: { mode: 'ZoneRedundant' } } },
  },
  mysql: {
    api: 'api-version=2023-12-30',
    promotion: { properties: { replicationRole: 'None' } },
    standby: { properties: { highAvailability: { mode: 'ZoneRedundant' } } },
  },
} as const;

/** A promoted server is asked no second time: each step looks before it does anything, so that it may be run again. */
export function promoteSteps(
  identity: string,
  database: PromotedDatabase,
  { longest }: { readonly longest: string },
): readonly Step[] {
  if (database.kind === 'replica') return replicaSteps(identity, database, longest);
  return database.machines.flatMap((machine, index) => {
    const script = database.scripts[index];
    if (script === undefined) return [];
    const on = { identity, ...machine };
    return [
      ...startMachine(`database_${index + 1}`, on, longest),
      // It gives up by itself before the deadline of the flow: see patience.ts.
      ...runOn(`promote_${index + 1}`, on, { script, seconds: PATIENCE_SECONDS, longest }),
    ];
  });
}

const PATIENCE_SECONDS = 86_400;
const ABLE_SECONDS = 600;

/**
 * States of a server that is there, or comes back by itself.
 * @see https://learn.microsoft.com/rest/api/postgresql/servers/get#serverstate
 */
const PASSING = ['Ready', 'Updating', 'Starting'];

/** Whether there is something to promote, asked before the primary loses its lease: what could not takes it from nobody. */
export function ableSteps(identity: string, database: PromotedDatabase | null, longest: string): readonly Step[] {
  if (database?.kind === 'replica') {
    const { api } = SERVERS[database.engine];
    const state = "coalesce(body('Able_server')?['properties']?['state'], 'unknown')";
    const passes = {
      equals: [`@contains(createArray(${PASSING.map((one) => `'${one}'`).join(', ')}), ${state})`, true],
    };
    return [
      ['Able_server', arm(identity, 'GET', `${database.server}?${api}`)],
      must('Able', passes, 'the replica is in no state from which it could be promoted'),
    ];
  }
  if (database?.kind !== 'machines' || database.able === undefined) return [];
  const [first] = database.machines;
  if (!first) return [];
  return runOn('able_1', { identity, ...first }, { script: database.able, seconds: ABLE_SECONDS, longest });
}

function replicaSteps(
  identity: string,
  { engine, server, multiZone }: Extract<PromotedDatabase, { kind: 'replica' }>,
  longest: string,
): readonly Step[] {
  const { api, promotion, standby } = SERVERS[engine];
  const look = arm(identity, 'GET', `${server}?${api}`);
  const follows = (name: string) =>
    `not(contains(createArray('None', 'Primary', 'Source'), coalesce(body('${name}')?['properties']?['replicationRole'], 'Unknown')))`;
  return [
    ['Server', look],
    [
      'Promote',
      when({ equals: [`@${follows('Server')}`, true] }, [
        ['Promote_server', arm(identity, 'PATCH', `${server}?${api}`, promotion)],
      ]),
    ],
    ['Wait_server', lookUntil('server', `not(${follows('Look_server')})`, look, longest)],
    must('Promoted', { equals: [`@${follows('Look_server')}`, false] }, 'the replica was not promoted'),
    ...(multiZone
      ? [
          [
            'Second_zone',
            // The site serves without it: a failure is seen in the run, and holds up nothing.
            { type: 'Scope', actions: oneByOne([['Standby', arm(identity, 'PATCH', `${server}?${api}`, standby)]]) },
          ] as const,
          [
            'Second_zone_asked',
            {
              type: 'Compose',
              inputs: "@actions('Second_zone')?['status']",
              runAfter: { Second_zone: ['Succeeded', 'Failed', 'TimedOut'] },
            },
          ] as const,
        ]
      : []),
  ];
}
