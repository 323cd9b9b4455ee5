import { choice } from '../leaf';
import { block, defaulted, list, map, optional, required } from '../structure';
import type { Typed } from '../type';
import { count, iops, percentage, size, stepNumber } from '../types/amount';
import { anyRegion, databaseClass, diskType, instanceType, provider } from '../types/cloud';
import { cadence, duration } from '../types/time';
import { flag, level, teamReference, text } from '../types/word';

const scenario = block({
  description: required(text, 'what happens'),
  probability: required(level, 'how likely it is'),
  impact: required(level, 'how bad it is'),
  recovery_steps: required(
    list(
      block({
        step: required(stepNumber, 'order of the step, from 1'),
        action: required(text, 'what is done'),
        estimated_time: required(duration, 'how long it takes'),
        responsible: required(teamReference, 'who does it'),
      }),
    ),
    'steps in their order',
  ),
  rollback_criteria: optional(
    block({
      max_recovery_time: optional(duration, 'give up after this time', 'no limit'),
      data_loss_threshold: optional(duration, 'give up when more data would be lost', 'no limit'),
      performance_degradation: optional(percentage, 'give up when the site is slower by more', 'no limit'),
    }),
    'when the recovery is rolled back',
    'never by itself',
  ),
});

const site = block({
  kind: optional(
    choice('site kind', ['hot', 'warm', 'cold']),
    'how ready the site is',
    'follows from the key, else from the synchronization',
  ),
  enabled: defaulted(flag, true, 'false builds nothing for it'),
  location: required(text, 'place of the site, for people'),
  provider: required(provider, 'cloud of the site'),
  region: required(anyRegion, 'region of the site'),
  infrastructure: required(
    block({
      compute: required(
        block({
          instance_type: required(instanceType, 'machine size'),
          count: required(count, 'machines that run always; 0 is on demand'),
          auto_scaling: defaulted(flag, false, 'grow with the load'),
        }),
        'machines',
      ),
      database: optional(
        block({
          engine: required(choice('engine', ['postgresql', 'mysql', 'mariadb', 'sqlserver']), 'engine'),
          instance_class: required(databaseClass, 'size of the database'),
          multi_az: defaulted(flag, false, 'a standby in another zone'),
        }),
        'database of the site',
        'none',
      ),
      storage: optional(
        block({
          type: required(diskType, 'type of the data volumes'),
          size: required(size, 'size of each data volume, never smaller than asked'),
          iops: optional(iops, 'operations a second', 'what the type gives'),
        }),
        'data volumes of the machines',
        'none',
      ),
    }),
    'what the site is made of',
  ),
  synchronization: required(
    block({
      type: required(choice('synchronization type', ['real_time', 'near_real_time', 'backup_based']), 'how current it is'),
      method: required(
        choice('synchronization method', ['streaming_replication', 'log_shipping', 'backup_restore']),
        'how data gets there',
      ),
      lag_threshold: optional(duration, 'alarm when the site is further behind', 'no alarm'),
      frequency: optional(cadence, 'how often backups are restored there', 'after each full backup'),
    }),
    'how data gets to the site',
  ),
  activation: required(
    block({
      automated: required(flag, 'true activates without a person'),
      manual_activation: optional(flag, 'a person may activate it', 'allowed'),
      trigger_conditions: optional(
        list(choice('trigger', ['primary_site_unreachable', 'database_unreachable', 'manual_activation'])),
        'what activates it',
        'a person',
      ),
      estimated_time: required(duration, 'how long activation takes'),
    }),
    'how the site takes over',
  ),
});

/** The block `disaster_recovery`. */
export const disasterRecovery = block({
  objectives: optional(
    block({
      rto: optional(
        block({
          critical_systems: optional(duration, 'longest time to recovery of what is critical', 'no promise'),
          important_systems: optional(duration, 'of what is important', 'no promise'),
          standard_systems: optional(duration, 'of the rest', 'no promise'),
        }),
        'recovery time objectives',
        'no promise',
      ),
      rpo: optional(
        block({
          critical_data: optional(duration, 'largest loss of what is critical', 'no promise'),
          important_data: optional(duration, 'of what is important', 'no promise'),
          standard_data: optional(duration, 'of the rest', 'no promise'),
        }),
        'recovery point objectives',
        'no promise',
      ),
    }),
    'what is promised',
    'no promise',
  ),
  scenarios: optional(map('scenario', scenario), 'what may happen and how it is recovered, by free names', 'none'),
  dr_sites: optional(map('site', site), 'recovery sites, by free names', 'none'),
});

export type ScenarioSpec = Typed<typeof scenario>;
export type SiteSpec = Typed<typeof site>;
export type DisasterRecoverySpec = Typed<typeof disasterRecovery>;
