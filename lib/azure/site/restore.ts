import { Construct } from 'constructs';
import type { SiteSynchronization } from '../../contract/site';
import { nodeComment } from '../../terraform';
import { windowsZone } from '../../units/windows-zone';
import { recurrenceOf } from '../recurrence';
import type { SiteFrame } from './frame';
import type { SiteLease } from './lease';
import { MACHINE_ACTIONS, SiteOperator } from './operator';
import type { SiteOperations } from './operations';
import { restoreFlow } from './restore-flow';
import type { SiteMachines } from './standby';
import { SiteWorkflow } from './workflow';

export interface SiteRestoreProps {
  readonly frame: SiteFrame;
  readonly restores: NonNullable<SiteSynchronization['restores']>;
  readonly machines: SiteMachines;
  readonly lease: SiteLease;
  readonly operations: SiteOperations;
}

/** A restore is over within a day, or given up: the next one may be due. */
const LONGEST_SECONDS = 82_800;

/** What restores backups into a site that sleeps, at the times of the plan: its machines run for no longer than that. */
export class SiteRestore extends Construct {
  readonly workflow: SiteWorkflow;

  constructor(scope: Construct, id: string, props: SiteRestoreProps) {
    super(scope, id);
    const { frame, restores, machines, lease, operations } = props;
    const { site } = frame;
    const { schedule } = restores;
    const operator = new SiteOperator(this, 'operator', {
      frame,
      does: 'restore',
      actions: MACHINE_ACTIONS,
      containers: {
        lease: { scope: lease.leaseContainer, role: 'Storage Blob Data Reader' },
        records: { scope: lease.recordContainer, role: 'Storage Blob Data Reader' },
      },
    });
    const zone = schedule.kind === 'interval' ? 'UTC' : (windowsZone(schedule.timeZone) ?? 'UTC');
    const steps = restoreFlow({
      site: site.name,
      on: machines.machines.map((machine) => ({ identity: operator.id, machine: machine.id, location: site.region })),
      stateUrl: lease.stateUrl,
      leaseUrl: lease.leaseUrl,
      schedule,
      windowsZone: zone,
      longestSeconds: Math.min(LONGEST_SECONDS, schedule.kind === 'interval' ? schedule.everySeconds : LONGEST_SECONDS),
    });
    this.workflow = new SiteWorkflow(this, 'Resource', {
      frame,
      does: 'restore',
      steps,
      trigger: { kind: 'recurrence', recurrence: recurrenceOf(schedule, zone) },
      operator,
      workspaceId: operations.workspace.id,
      after: machines.ready,
    });
    nodeComment(this.workflow.workflow, [restores.id, site.synchronization.id]);
  }
}
