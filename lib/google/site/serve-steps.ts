import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import { ask, COMPUTE, env, PLACE, PROJECT } from './steps';

/** What serves once a site is active: names of what workflows change, and never a template. */
export interface Serving {
  /** Machines that have to answer. */
  readonly least: number;
  readonly asleep: number;
  readonly grows: boolean;
  /** The record that is switched: a name with its final dot. */
  readonly dns?: { readonly record: string; readonly primary: string; readonly site: string };
}

/** What becomes the database that is written to. */
export type Promoted =
  | { readonly kind: 'replica'; readonly multiZone: boolean; readonly engine: 'postgresql' | 'mysql' }
  | { readonly kind: 'service' }
  /** Machines; the first is told, by a word that its script knows. */
  | { readonly kind: 'machines'; readonly zone: string; readonly always: boolean };

/** Between two looks at machines. */
const LOOK_SECONDS = 10;
const TTL_SECONDS = 60;

const GROUP = `${COMPUTE} + "/regions/" + ${PLACE} + "/instanceGroupManagers/" + ${env('group')}`;
const SCALER = `${COMPUTE} + "/regions/" + ${PLACE} + "/autoscalers"`;
const pause = (next: string): Readonly<Record<string, unknown>> => ({
  call: 'sys.sleep',
  args: { seconds: LOOK_SECONDS },
  next,
});

/** At least as many machines as an active site has; more that are there stay. */
export function scaleUp({ least, grows }: Serving): SubWorkflow {
  return {
    params: ['deadline'],
    steps: [
      { group: ask('GET', GROUP, 'answer') },
      { enough: choose([[`answer.body.targetSize >= ${least}`, 'grow']], 'resize') },
      { resize: ask('POST', `${GROUP} + "/resize?size=${least}"`, 'answer') },
      { grow: grows ? switchScaler('ON') : assign({ grown: false }) },
      {
        ask_health: ask(
          'POST',
          `${COMPUTE} + "/regions/" + ${PLACE} + "/backendServices/" + ${env('backend')} + "/getHealth"`,
          'answer',
          {
            group: `\${${COMPUTE} + "/regions/" + ${PLACE} + "/instanceGroups/" + ${env('group')}}`,
          },
        ),
      },
      {
        begin: assign({
          empty: [],
          states: '${default(map.get(answer.body, "healthStatus"), empty)}',
          at: 0,
          healthy: 0,
        }),
      },
      { more: choose([['at < len(states)', 'one']], 'judge') },
      { one: choose([['states[at].healthState == "HEALTHY"', 'count']], 'next') },
      { count: assign({ healthy: '${healthy + 1}' }) },
      { next: { ...assign({ at: '${at + 1}' }), next: 'more' } },
      {
        judge: choose(
          [
            [`healthy >= ${least}`, 'done'],
            ['sys.now() > deadline', 'late'],
          ],
          'pause',
        ),
      },
      { pause: pause('ask_health') },
      { late: { raise: `\${string(healthy) + " of ${least} machines answer to the balancer"}` } },
      { done: { return: '${healthy}' } },
    ],
  };
}

/** Back to what the site has asleep. */
export function scaleDown({ asleep, least, grows }: Serving): SubWorkflow {
  return {
    params: [],
    steps: [
      { grow: grows ? switchScaler(asleep >= least ? 'ON' : 'OFF') : assign({ grown: false }) },
      { resize: ask('POST', `${GROUP} + "/resize?size=${asleep}"`, 'answer') },
      { done: { return: true } },
    ],
  };
}

function switchScaler(mode: 'ON' | 'OFF') {
  return ask('PATCH', `${SCALER} + "?autoscaler=" + ${env('autoscaler')}`, 'answer', { autoscalingPolicy: { mode } });
}

/** https://cloud.google.com/dns/docs/reference/rest/v1/resourceRecordSets/patch */
export function nameSteps({ dns }: Serving, to: 'primary' | 'site', word = `name_${to}`): readonly Step[] {
  if (!dns) return [];
  const url = `"https://dns.googleapis.com/dns/v1/projects/" + ${PROJECT} + "/managedZones/" + ${env('zone')} + "/rrsets/${dns.record}/CNAME"`;
  return [
    {
      [word]: ask('PATCH', url, 'ignored', {
        name: dns.record,
        type: 'CNAME',
        ttl: TTL_SECONDS,
        rrdatas: [dns[to]],
      }),
    },
  ];
}

/** Switches the machine off, so that only its disks cost. */
export function switchOff({ zone }: Extract<Promoted, { kind: 'machines' }>): Readonly<Record<string, unknown>> {
  return ask('POST', `${COMPUTE} + "/zones/${zone}/instances/" + ${env('machine')} + "/stop"`, 'ignored');
}

/** https://cloud.google.com/compute/docs/metadata/manage-guest-attributes */
export function command({ zone }: Extract<Promoted, { kind: 'machines' }>): SubWorkflow {
  const machine = `${COMPUTE} + "/zones/${zone}/instances/" + ${env('machine')}`;
  return {
    params: ['word', 'id', 'deadline'],
    steps: [
      { look: ask('GET', machine, 'answer') },
      {
        runs: choose(
          [
            ['answer.body.status == "RUNNING"', 'metadata'],
            ['sys.now() > deadline', 'late'],
            ['answer.body.status == "TERMINATED"', 'start'],
          ],
          'pause_start',
        ),
      },
      { start: ask('POST', `${machine} + "/start"`, 'answer') },
      { pause_start: pause('look') },
      {
        metadata: assign({
          empty: [],
          items: '${default(map.get(answer.body.metadata, "items"), empty)}',
          print: '${answer.body.metadata.fingerprint}',
          kept: [],
          at: 0,
          heard: null,
        }),
      },
      { more: choose([['at < len(items)', 'one']], 'add') },
      { one: choose([['items[at].key == "hypdr-activation"', 'next']], 'keep') },
      { keep: assign({ kept: '${list.concat(kept, items[at])}' }) },
      { next: { ...assign({ at: '${at + 1}' }), next: 'more' } },
      {
        add: assign({
          entry: { key: 'hypdr-activation', value: '${word + " " + id}' },
          kept: '${list.concat(kept, entry)}',
        }),
      },
      { set: ask('POST', `${machine} + "/setMetadata"`, 'answer', { fingerprint: '${print}', items: '${kept}' }) },
      {
        listen: {
          ...ask('GET', `${machine} + "/getGuestAttributes?queryPath=hypdr/answer"`, 'heard'),
          except: {
            as: 'error',
            steps: [
              { missing: choose([['error.code == 404', 'none']], 'other') },
              { other: { raise: '${error}' } },
              { none: assign({ heard: null }) },
            ],
          },
        },
      },
      { said: choose([['heard == null', 'patience']], 'value') },
      { value: assign({ value: '${heard.body.queryValue.items[0].value}' }) },
      {
        ours: choose(
          [
            ['text.match_regex(value, "^" + id + " 0 ")', 'done'],
            ['text.match_regex(value, "^" + id + " ")', 'failed'],
          ],
          'patience',
        ),
      },
      { patience: choose([['sys.now() > deadline', 'late']], 'pause') },
      { pause: pause('listen') },
      { late: { raise: 'the database machine does not answer in time' } },
      { failed: { raise: '${"the database machine said: " + value}' } },
      { done: { return: '${value}' } },
    ],
  };
}
