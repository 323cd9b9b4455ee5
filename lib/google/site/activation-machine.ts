import type { Site } from '../../contract/site';
import { MARGIN_SECONDS } from '../../hosts/standby';
import { assign, choose } from '../workflow-steps';
import type { Step, SubWorkflow } from '../workflow-steps';
import { ableSteps, ableWorkflows } from './able-steps';
import { promote } from './promote-steps';
import { nameSteps, scaleUp } from './serve-steps';
import type { Promoted, Serving } from './serve-steps';
import { databaseSilent, measured } from './signs';
import type { DatabaseSign } from './signs';
import { beginSteps, endSteps, MANUAL, noted, remember, stateWorkflows } from './state-steps';

export interface ActivationProps {
  readonly site: Pick<Site, 'name' | 'activation'>;
  /** Name of the object with the lease. */
  readonly lease: string;
  readonly database: Promoted | null;
  readonly serving: Serving;
  /** How the database says that the primary is gone. @default - nobody measures, and only a person activates */
  readonly sign?: DatabaseSign;
}

/** A moment more than a machine asks for, whose clock is another one. */
const SLACK_SECONDS = 10;
const LOOK_SECONDS = 15;
/** So often the second signal is looked for. */
const LOOKS = 3;

/**
 * Has the site take over: one way for whoever asks, a person or an alarm. Who asked says the name of the site; a second
 * activation is refused; what an alarm asked for wants a second signal, and may be stopped for a while; the database is
 * asked whether it could be promoted; the primary loses its lease and is given the time to notice; then the database is
 * promoted, and from then on the site is the one to write to, whatever comes after it: the name is switched, machines are
 * started and looked at, and who asks again goes on from there. What was done and how long each of it took is a record,
 * whatever came of it.
 */
export function renderActivation(props: ActivationProps): Readonly<Record<string, unknown>> {
  const { site, database, serving, lease, sign } = props;
  const { activation } = site;
  return {
    main: {
      params: ['run'],
      steps: [
        ...beginSteps(site.name, activation),
        {
          free: choose(
            [
              ['now.body.status == "sleeping" or now.body.status == "failed"', 'by_whom'],
              ['now.body.status == "announced" and now.body.until < started', 'by_whom'],
              ['now.body.status == "activating" and now.body.until < started', 'by_whom'],
              ['now.body.status == "leaving" and now.body.until < started', 'by_whom'],
            ],
            'refuse',
          ),
        },
        { refuse: { raise: `\${"refused: the site is " + now.body.status}` } },
        ...secondLook(),
        { announce: say('announced', 'now.generation') },
        { attempt: { try: { steps: takeOver(props) }, except: { as: 'error', steps: failed() } } },
        ...endSteps({ does: 'activation', ends: 'active', estimatedSeconds: activation.estimatedSeconds }),
      ],
    },
    second_signal: secondSignal(activation.healthUrls),
    database_silent: databaseSilent(sign),
    ...(sign && { measured: measured() }),
    ...(database && { remember: remember() }),
    scale_up: scaleUp(serving),
    ...ableWorkflows(database),
    ...promote(database),
    ...stateWorkflows(lease),
  };
}

/**
 * What an alarm asked for is looked at before anything is said or done: a refusal leaves the site as it was, and is no
 * takeover that failed.
 */
function secondLook(): readonly Step[] {
  return [
    { by_whom: choose([[`trigger == "${MANUAL}"`, 'announce']], 'doubtful') },
    { doubtful: assign({ judged: 'refused', doubt: '' }) },
    {
      second: {
        try: { call: 'second_signal', result: 'doubt' },
        except: {
          as: 'error',
          steps: [
            {
              unasked: assign({
                judged: 'unknown',
                doubt: '${"the second sign cannot be asked for: " + json.encode_to_string(error)}',
              }),
            },
          ],
        },
      },
    },
    { convinced: choose([['doubt == ""', 'announce']], 'tell_refused') },
    {
      tell_refused: {
        call: 'sys.log',
        args: {
          json: {
            event: 'site_activation',
            outcome: '${judged}',
            message: '${"the site stays as it is: " + doubt}',
            trigger: '${trigger}',
          },
          severity: 'WARNING',
        },
      },
    },
    { refused: { return: { outcome: '${judged}', why: '${doubt}' } } },
  ];
}

function takeOver({ site, database, serving }: ActivationProps): readonly Step[] {
  const { leaseSeconds } = site.activation;
  const able = ableSteps(database);
  return [
    { whose: choose([[`trigger == "${MANUAL}"`, 'own']], 'tell_announced') },
    {
      tell_announced: {
        call: 'sys.log',
        args: {
          json: {
            event: 'site_activation',
            outcome: 'announced',
            message: `\${"the site takes over in " + string(window) + " s unless a person stops it"}`,
            trigger: '${trigger}',
          },
          severity: 'ERROR',
        },
      },
    },
    { own: { call: 'state', result: 'now' } },
    { still: choose([['now.body.run == id and now.body.status == "announced"', 'window_over']], 'aborted') },
    { aborted: { ...assign({ outcome: 'aborted' }), next: 'stop' } },
    { window_over: choose([['sys.now() >= started + window', 'activating']], 'wait_window') },
    { wait_window: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: 'own' } },
    { stop: { raise: 'it was stopped before it began' } },
    { activating: say('activating', 'generation') },
    noted('begun'),
    ...(able.length === 0 ? [] : [{ fresh: choose([['promoted > 0', 'revoke']], 'able') }, ...able]),
    { revoke: { call: 'change_lease', args: { word: 'revoked' }, result: 'term' } },
    // Who gives the primary the lease again says first that nothing is promoted any more.
    { fencing: choose([['promoted > 0', 'database']], 'fence') },
    { fence: { call: 'sys.sleep', args: { seconds: leaseSeconds + MARGIN_SECONDS + SLACK_SECONDS } } },
    noted('fenced'),
    { database: { call: 'promote', args: { id: '${id}', deadline: '${deadline}' }, result: 'answer' } },
    noted('promoted'),
    ...(database ? stayPromoted(serving) : []),
    { machines: { call: 'scale_up', args: { deadline: '${deadline}' } } },
    noted('ready'),
    ...named(serving),
    { succeeded: assign({ outcome: 'success' }) },
  ];
}

/**
 * What follows a promotion at once: the state says that there was one, and the name leads here. Neither keeps machines
 * waiting where it cannot be written: both are tried once more when these answer.
 */
function stayPromoted(serving: Serving): readonly Step[] {
  const name = nameSteps(serving, 'site', 'name_now');
  const args = {
    id: '${id}',
    trigger: '${trigger}',
    until: '${deadline}',
    promoted: '${promoted}',
    generation: '${generation}',
  };
  const tried = (word: string, variable: string, steps: readonly Step[]): Step => ({
    [word]: {
      try: { steps: [...steps, { [`${word}_done`]: assign({ [variable]: true }) }] },
      except: { as: 'error', steps: [{ [`${word}_later`]: assign({ [variable]: false }) }] },
    },
  });
  return [
    { stays: assign({ promoted: '${if(promoted > 0, promoted, int(sys.now()))}' }) },
    tried('keep', 'remembered', [{ keep_state: { call: 'remember', args, result: 'generation' } }]),
    ...(name.length === 0 ? [] : [tried('name', 'named', [...name, noted('named')])]),
  ];
}

/** The name, where it does not lead here yet. */
function named(serving: Serving): readonly Step[] {
  const steps = nameSteps(serving, 'site');
  if (steps.length === 0) return [];
  return [{ name_leads: choose([['named', 'succeeded']], 'name_site') }, ...steps, noted('named_late')];
}

/** Each failure keeps its words; what a person stopped is not called one. */
export function failed(): readonly Step[] {
  return [{ words: assign({ why: '${json.encode_to_string(error)}' }) }];
}

export function say(status: string, generation: string): Readonly<Record<string, unknown>> {
  return {
    call: 'say',
    args: {
      status,
      id: '${id}',
      trigger: '${trigger}',
      until: '${deadline}',
      promoted: '${promoted}',
      generation: `\${${generation}}`,
    },
    result: 'generation',
  };
}

/**
 * The database is asked first, which sees the primary from another side than any alarm; then the primary is asked from
 * here, some times: an alarm that is wrong, or over, moves nothing.
 * @returns as a workflow, why not; an empty text where there is no reason
 */
function secondSignal(urls: readonly string[]): SubWorkflow {
  return {
    params: [],
    steps: [
      { database: { call: 'database_silent', result: 'doubt' } },
      { silent: choose([['doubt == ""', 'begin']], 'follows') },
      { follows: { return: '${doubt}' } },
      { begin: assign({ urls: [...urls], at: 0, looks: 0, page: null }) },
      { next: choose([['at < len(urls)', 'ask']], 'all') },
      {
        ask: {
          try: { call: 'http.get', args: { url: '${urls[at]}', timeout: 10 }, result: 'page' },
          except: { as: 'error', steps: [{ no: assign({ page: null }) }] },
        },
      },
      { heard: choose([['page == null', 'move']], 'alive') },
      { alive: { return: '${"the primary answers at " + urls[at]}' } },
      { move: { ...assign({ at: '${at + 1}' }), next: 'next' } },
      { all: assign({ at: 0, looks: '${looks + 1}' }) },
      { enough: choose([[`looks >= ${LOOKS}`, 'done']], 'pause') },
      { pause: { call: 'sys.sleep', args: { seconds: LOOK_SECONDS }, next: 'next' } },
      { done: { return: '' } },
    ],
  };
}
