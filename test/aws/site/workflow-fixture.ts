import type { ActivationMachine } from '../../../lib/aws/site/activation-machine';
import type { Surroundings } from './workflow-model';

/** The workflows of one site, as the tests of them render them. */
export const NAMES = {
  partition: 'aws',
  site: 'hot_site',
  prefix: 'acme-hot-site',
  table: 'hot-state',
  topic: 'arn:aws:sns:eu-central-1:111122223333:hot-told',
  bucket: 'hot-state-111122223333-eu-central-1',
  leaseKey: 'lease/hot_site',
  estimatedSeconds: 1800,
};

export const MACHINE: ActivationMachine = {
  ...NAMES,
  abortSeconds: 300,
  leaseSeconds: 60,
  promoted: { kind: 'machine', document: 'hot-promote', able: 'hot-able' },
  serving: { group: 'hot-machines', targets: 'arn:targets', least: 4 },
  second: { alarm: 'hot-behind', lagSeconds: 600 },
};

/** Of a deactivation, beside the machines that it stops. */
export const LEAVE = { ...NAMES, group: 'hot-machines', asleep: 2 };
export const STOPPED = { document: 'hot-stop', count: 2, stopped: false };

export const BY_HAND = { confirm: 'hot_site' };

/** The words of the lease: whose it is, its term, and when. */
export function lease({ objects }: Surroundings): readonly string[] {
  return String(objects['lease/hot_site'] ?? '').split(' ');
}
