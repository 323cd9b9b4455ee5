import type { Site } from '../../contract/site';
import { MARGIN_SECONDS } from '../../hosts/standby';
import { wait } from '../flow-steps';
import { endSteps } from './end-steps';
import { turnLease } from './lease-steps';
import { ableSteps, promoteSteps } from './promote-steps';
import type { PromotedDatabase } from './promote-steps';
import { nameSteps, primarySteps, readySteps, scaleSteps } from './serve-steps';
import type { Serving } from './serve-steps';
import { announceSteps, guardSteps, stateWords } from './state-steps';
import type { Kept } from './state-steps';
import { duration, noted, oneByOne, ordered, says } from './steps';
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
 * is given the time to notice; then the database is promoted, the machines are started and looked at, and the name is
 * switched on. What was done and how long each of it took is a record, whatever came of it.
 */
export function activationFlow(props: ActivationFlowProps): readonly Step[] {
  const { site, identity, kept, leaseUrl, database, serving } = props;
  const { activation } = site;
  const longest = duration(activation.estimatedSeconds + activation.abortSeconds);
  const promoted = database === null ? [] : promoteSteps(identity, database, { longest });
  const able = ableSteps(identity, database, longest);
  const takeOver: readonly Step[] = [
    ...announceSteps(identity, kept, activation.abortSeconds),
    ...able,
    ...(able.length === 0 ? [] : [noted('able')]),
    ...revokeSteps(identity, leaseUrl, activation.leaseSeconds),
    ...promoted,
    ...(promoted.length === 0 ? [] : [noted('promoted')]),
    ...scaleSteps(identity, serving, longest),
    noted('scaled'),
    ...readySteps(identity, serving, longest),
    noted('ready'),
    // In this order there is a name at each moment, and a primary that can't be taken out of it keeps nobody from the site.
    ...nameSteps(identity, serving, 'Enabled'),
    ...primarySteps(identity, serving, 'Disabled'),
  ];
  const promotes = database?.kind === 'machines' ? database.machines.map((_, index) => `promote_${index + 1}`) : [];
  const words = [...(able.length > 0 && database?.kind === 'machines' ? ['able_1'] : []), ...promotes];
  return ordered([
    ...words.map((word): Step => [`Know_${word}`, says(word)]),
    ...stateWords(identity, kept, 'activate', activation),
    ...guardSteps(identity, kept, site.name),
    ['Take_over', { type: 'Scope', actions: oneByOne(takeOver) }],
    ...endSteps(identity, kept, { after: 'Take_over', ends: 'active', words, activation }),
  ]);
}

/**
 * Takes the lease from the primary. One that does not see it stops by itself after the lease: until then nothing is
 * promoted, so that there are never two that accept writes.
 */
function revokeSteps(identity: string, leaseUrl: string, leaseSeconds: number): readonly Step[] {
  return [
    ...turnLease(identity, leaseUrl, 'revoked'),
    ['Fence', wait(leaseSeconds + MARGIN_SECONDS + SLACK_SECONDS, 'Second')],
    noted('fenced'),
  ];
}
