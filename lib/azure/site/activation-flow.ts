import type { Site } from '../../contract/site';
import { MARGIN_SECONDS } from '../../hosts/standby';
import { wait, WHATEVER } from '../flow-steps';
import { endSteps } from './end-steps';
import { turnLease } from './lease-steps';
import { ableSteps, promoteSteps } from './promote-steps';
import type { PromotedDatabase } from './promote-steps';
import { nameSteps, primarySteps, readySteps, scaleSteps } from './serve-steps';
import type { Serving } from './serve-steps';
import { announceSteps, guardSteps, isOurs, isPromoted, promotedAt, stateWords, writeState } from './state-steps';
import type { Kept } from './state-steps';
import { blob, duration, must, noted, oneByOne, ordered, says, when } from './steps';
import type { Step } from './steps';

export interface ActivationFlowProps {
  readonly site: Pick<Site, 'name' | 'activation'>;
  /** As whom it acts. */
  readonly identity: string;
  readonly kept: Kept;
  readonly leaseUrl: string;
  /** Null: the site has none. */
  readonly database: PromotedDatabase | null;
  readonly serving: Serving;
}

/** A moment more than a machine asks for, whose clock is another one. */
const SLACK_SECONDS = 10;

/**
 * Has the site take over: one way for whoever asks, a person or what watches the primary. Who asked says the name of the
 * site; a second activation is refused; what a watch asked for may be stopped for a while; the primary loses its lease and
 * is given the time to notice; then the database is promoted, and from then on the site is the one to write to, whatever
 * comes after it: it has the name, the machines are started and looked at, and who asks again goes on from there. What was
 * done and how long each of it took is a record, whatever came of it.
 */
export function activationFlow(props: ActivationFlowProps): readonly Step[] {
  const { site, identity, kept, leaseUrl, database, serving } = props;
  const { activation } = site;
  const longest = duration(activation.estimatedSeconds + activation.abortSeconds);
  const serves: readonly Step[] = [
    ...scaleSteps(identity, serving, longest),
    noted('scaled'),
    ...readySteps(identity, serving, longest),
    noted('ready'),
  ];
  // In this order there is a name at each moment, and a primary that can't be taken out of it keeps nobody from the site.
  const names = [...nameSteps(identity, serving, 'Enabled'), ...primarySteps(identity, serving, 'Disabled')];
  const able = ableSteps(identity, database, longest);
  const takeOver: readonly Step[] = [
    ...announceSteps(identity, kept, activation.abortSeconds),
    ...(able.length === 0 ? [] : [['Able_now', when(NEW, [...able, noted('able')])] as const]),
    ...revokeSteps(identity, leaseUrl, activation.leaseSeconds),
    ...(database === null
      ? [...serves, ...names]
      : [...promoteSteps(identity, database, { longest }), ...stayPromoted(identity, kept, names, serves)]),
  ];
  const promotes = database?.kind === 'machines' ? database.machines.map((_, index) => `promote_${index + 1}`) : [];
  const words = [...(able.length > 0 && database?.kind === 'machines' ? ['able_1'] : []), ...promotes];
  return ordered([
    ...words.map((word): Step => [`Know_${word}`, says(word)]),
    ...stateWords(identity, kept, 'activate', activation),
    ...guardSteps(identity, kept, site.name),
    ['Take_over', { type: 'Scope', actions: oneByOne(takeOver) }],
    ...endSteps(identity, kept, {
      ...{ after: 'Take_over', ends: 'active', words, activation },
      ...(database !== null && { promoted: "outputs('Promoted_at')" }),
    }),
  ]);
}

/** Whether nothing was promoted before. */
const NEW = { equals: [`@${isPromoted('Mine')}`, false] };

/**
 * What follows a promotion, side by side: the state says that there was one, the name leads here, and machines are made. A
 * state or a name that cannot be written keeps no machine waiting; the name is a failure once they answer.
 */
function stayPromoted(identity: string, kept: Kept, names: readonly Step[], serves: readonly Step[]): readonly Step[] {
  const [first, ...others] = serves;
  const promoted = "outputs('Promoted_at')";
  const beside = (actions: readonly Step[]) => ({
    type: 'Scope',
    actions: oneByOne(actions),
    runAfter: { Promoted_at: ['Succeeded'] },
  });
  const scopes = ['Remember', ...(names.length === 0 ? [] : ['Names'])];
  return [
    noted('promoted'),
    ['Promoted_at', { type: 'Compose', inputs: `@if(${isPromoted('Mine')}, ${promotedAt('Mine')}, utcNow())` }],
    [
      'Remember',
      beside([
        ['Ours', blob(identity, 'GET', kept.stateUrl)],
        must(
          'Still_ours',
          { equals: [`@${isOurs('Ours', 'activating')}`, true] },
          'it was late, and somebody else began',
        ),
        ['Stay', writeState(identity, kept, 'Ours', 'activating', { promoted, word: 'promoted' })],
      ]),
    ],
    ...(names.length === 0 ? [] : [['Names', beside(names)] as const]),
    ...(first ? [[first[0], { ...first[1], runAfter: { Promoted_at: ['Succeeded'] } }] as const] : []),
    ...others,
    [
      'Joined',
      {
        type: 'Compose',
        inputs: "@actions('Remember')?['status']",
        runAfter: { Note_ready: ['Succeeded'], ...Object.fromEntries(scopes.map((name) => [name, WHATEVER])) },
      },
    ],
    ...(names.length === 0
      ? []
      : [
          must(
            'Named',
            { equals: ["@actions('Names')?['status']", 'Succeeded'] },
            'the name does not lead to the site, or to the primary too: ask again',
          ),
        ]),
  ];
}

/**
 * Takes the lease from the primary. One that does not see it stops by itself after the lease: until then nothing is
 * promoted, so that there are never two that accept writes. One that was promoted before needs no time: who gives the
 * primary the lease again says first that nothing is promoted any more.
 */
function revokeSteps(identity: string, leaseUrl: string, leaseSeconds: number): readonly Step[] {
  return [
    ...turnLease(identity, leaseUrl, 'revoked'),
    ['Fencing', when(NEW, [['Fence', wait(leaseSeconds + MARGIN_SECONDS + SLACK_SECONDS, 'Second')], noted('fenced')])],
  ];
}
