import { CfnOutput, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnDocument } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Site } from '../../contract/site';
import { quoted } from '../../hosts/shell';
import { answerFor } from '../node-metadata';
import { addStateMachine } from '../state-machine';
import { renderActivation } from './activation-machine';
import type { WorkflowNames } from './activation-states';
import type { SiteBalancer } from './balancer';
import type { SiteCompute } from './compute';
import type { DatabaseOfSite } from './database';
import { renderDeactivation } from './deactivation-machine';
import type { SiteFrame } from './frame';
import type { SiteLease } from './lease';
import type { DatabaseMachines } from './machines';
import { RECORDS, behindAlarm, isMeasured, isWatched, leaseKey, signalAlarm, workflowName } from './names';
import type { Promoted } from './promote-states';
import { REACHED } from './second-signal';
import { starterRole } from './starter';
import { activationRights, deactivationRights } from './workflow-rights';
import { KEPT } from '../kept';

export interface SiteActivationProps {
  readonly frame: SiteFrame;
  readonly lease: SiteLease;
  readonly compute: SiteCompute;
  readonly balancer: SiteBalancer;
  readonly database: DatabaseOfSite | undefined;
}

/** Longest time for which a document may run: a restore takes what it takes. */
const LONGEST_SECONDS = 86_400;

/** A word for the program of a database machine; one that was made a moment ago is still setting itself up. */
function run({ always }: DatabaseMachines, word: string): readonly string[] {
  const program = `/usr/local/sbin/${always ? 'hypdr-standby' : 'hypdr-site-restore'}`;
  return [`for _ in $(seq 1 60); do [ -x ${program} ] && break; sleep 10; done`, `${program} ${word}`];
}

/** What makes a site the primary and lets it sleep again: two workflows, what they remember, and who starts them. */
export class SiteActivation extends Construct {
  /** What the site says of itself. */
  readonly table: Table;

  constructor(scope: Construct, id: string, props: SiteActivationProps) {
    super(scope, id);
    const { frame, lease, compute, balancer, database } = props;
    const { site, key, topic } = frame;
    const { activation } = site;
    const { partition } = Stack.of(this);
    const table = new Table(this, 'state', {
      tableName: `${site.prefix}-state`,
      partitionKey: { name: 'site', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy: KEPT,
    });
    this.table = table;
    const names: WorkflowNames = {
      ...{ partition, site: site.name, prefix: site.prefix, table: table.tableName, topic: topic.topicArn },
      bucket: lease.bucket.bucketName,
      leaseKey: leaseKey(site),
      estimatedSeconds: activation.estimatedSeconds,
    };
    const promoted = this.#promoted(props);
    const on = site.database?.kind === 'machines' ? site.database : undefined;
    const machines = on && {
      document: this.#document(site, 'stop', run(on, 'leave')),
      count: on.count,
      stopped: !on.always,
    };
    const rights = {
      site,
      topic: topic.topicArn,
      table: table.tableArn,
      objects: [leaseKey(site), `${RECORDS}*`].map((one) => lease.bucket.arnForObjects(one)),
      group: compute.groupName,
    };
    const documents = promoted.kind === 'machine' ? [promoted.document, promoted.able] : [];
    const watched = isWatched(site);
    const measured = watched && isMeasured(site);
    const { lagSeconds = 0 } = site.synchronization;
    const activate = addStateMachine(new Construct(this, 'activate'), {
      stateMachineName: workflowName(site, 'activate'),
      description: `Has ${site.name} take over`,
      definition: renderActivation({
        ...names,
        abortSeconds: activation.abortSeconds,
        leaseSeconds: activation.leaseSeconds,
        promoted,
        serving: { group: compute.groupName, targets: balancer.targets.ref, least: site.compute.active.least },
        ...(measured && { second: { alarm: behindAlarm(site), lagSeconds } }),
      }),
      statements: activationRights(this, {
        ...{ ...rights, key, measured },
        replica: database?.replica?.identifier,
        documents: documents.filter((one) => one !== undefined),
      }),
      key,
    });
    const deactivate = addStateMachine(new Construct(this, 'deactivate'), {
      stateMachineName: workflowName(site, 'deactivate'),
      description: `Has ${site.name} sleep again`,
      definition: renderDeactivation({
        ...names,
        group: compute.groupName,
        asleep: site.compute.asleep,
        ...(machines && { machines }),
      }),
      statements: deactivationRights(this, {
        ...rights,
        documents: machines ? [machines.document] : [],
        stops: machines?.stopped ?? false,
      }),
      key,
    });
    answerFor(activate.resource, [activation.id]);
    if (watched) this.#watch(props, activate.arn);
    this.#firstLease(site, deactivate.arn);
    this.#command('ActivateCommand', activate.arn, '{"confirm":"NAME"}', 'Has the site take over');
    this.#command(
      'DeactivateCommand',
      deactivate.arn,
      '{"confirm":"NAME"}',
      'Stops an activation, or has the site sleep',
    );
    this.#command(
      'FirstLeaseCommand',
      deactivate.arn,
      '{"confirm":"NAME","lease":"first"}',
      'Gives the primary its first lease, where the stack did not when it was made',
    );
  }

  #promoted({ frame, database }: SiteActivationProps): Promoted {
    const { site } = frame;
    if (database?.replica) return { kind: 'replica', identifier: database.replica.identifier };
    if (site.database?.kind !== 'machines') return { kind: 'none' };
    const { always } = site.database;
    const name = quoted(site.name);
    return {
      kind: 'machine',
      document: this.#document(site, 'promote', run(site.database, `${always ? 'promote' : 'activate'} ${name}`)),
      ...(always && { able: this.#document(site, 'able', run(site.database, 'able')) }),
    };
  }

  #document({ prefix }: Site, what: 'promote' | 'able' | 'stop', lines: readonly string[]): string {
    const name = `${prefix}-${what}`;
    new CfnDocument(this, `${what}-document`, {
      name,
      documentType: 'Command',
      documentFormat: 'JSON',
      updateMethod: 'NewVersion',
      content: {
        schemaVersion: '2.2',
        description: `What the workflow of a recovery site runs: ${what}`,
        mainSteps: [
          {
            action: 'aws:runShellScript',
            name: what === 'stop' ? 'stopped' : what,
            precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: {
              timeoutSeconds: String(LONGEST_SECONDS),
              runCommand: ['#!/bin/bash', 'set -euo pipefail', ...lines],
            },
          },
        ],
      },
    });
    return name;
  }

  /**
   * Two signals that start it, each seen from another place; the workflow asks for both. Whichever comes last starts it,
   * so that both are heard, whatever the spec calls the trigger.
   */
  #watch({ frame }: SiteActivationProps, machineArn: string): void {
    const { site } = frame;
    const role = starterRole(this, 'watch', { description: `Starts the activation of ${site.name}`, machineArn });
    const rule = (trigger: string, alarmName: string, state = 'ALARM') =>
      new CfnRule(this, `hears-${trigger}`, {
        name: `${site.prefix}-${trigger.replaceAll('_', '-')}`,
        description: `${trigger}: heard by the activation of ${site.name}`,
        eventPattern: {
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change'],
          detail: { alarmName: [alarmName], state: { value: [state] } },
        },
        targets: [
          {
            id: 'activation',
            arn: machineArn,
            roleArn: role.roleArn,
            input: JSON.stringify({ confirm: site.name, trigger }),
          },
        ],
      });
    rule('primary_site_unreachable', signalAlarm(site));
    if (!isMeasured(site)) return;
    rule(REACHED, signalAlarm(site), 'OK');
    rule('database_unreachable', behindAlarm(site));
  }

  /**
   * The primary has its lease once the site is there: a site that is made sleeps. No later deployment gives one, and one
   * that is asked for again is refused.
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/events-ref.html
   */
  #firstLease(site: Site, machineArn: string): void {
    const role = starterRole(this, 'first', {
      description: `Gives the primary of ${site.name} its first lease`,
      machineArn,
    });
    new CfnRule(this, 'made', {
      name: `${site.prefix}-made`,
      description: `Gives the primary of ${site.name} its first lease once the stack is there`,
      eventPattern: {
        source: ['aws.cloudformation'],
        'detail-type': ['CloudFormation Stack Status Change'],
        detail: { 'stack-id': [Stack.of(this).stackId], 'status-details': { status: ['CREATE_COMPLETE'] } },
      },
      targets: [
        {
          id: 'first-lease',
          arn: machineArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ confirm: site.name, lease: 'first' }),
        },
      ],
    });
  }

  #command(id: string, arn: string, input: string, description: string): void {
    new CfnOutput(this, id, {
      value: `aws stepfunctions start-execution --state-machine-arn ${arn} --region ${Stack.of(this).region} --input '${input}'`,
      description: `${description}: NAME is the name of the site`,
    });
  }
}
