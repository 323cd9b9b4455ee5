import { ContainerAppJob } from '@cdktf/provider-azurerm/lib/container-app-job';
import { Construct } from 'constructs';
import type { AzureTaskShard } from '../contract/azure-tasks';
import type { ITerraformDependable } from '../terraform';
import type { JobStart } from './flow-steps';
import { IMAGE, REGISTRY } from './image';
import { resourceId } from './resource-id';
import type { TaskRole } from './task-role';

export interface TaskJobProps {
  readonly plan: Pick<AzureTaskShard, 'names' | 'location'>;
  readonly name: string;
  readonly role: TaskRole;
  /** Arguments of the runner. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** @default - what runs within Azure */
  readonly reaches?: 'other clouds';
  readonly cpu: number;
  readonly memoryGiB: number;
  /** Cron in UTC. @default - whoever may starts it */
  readonly cron?: string;
  readonly longestSeconds: number;
  readonly after: readonly ITerraformDependable[];
}

/** The runner as a job of Container Apps: once, as one identity, and never again by itself. */
export class TaskJob extends Construct {
  readonly job: ContainerAppJob;
  readonly role: TaskRole;
  readonly #container: Readonly<Record<string, unknown>>;

  constructor(scope: Construct, id: string, props: TaskJobProps) {
    super(scope, id);
    const { plan, role, args, cpu, memoryGiB } = props;
    this.role = role;
    const image = IMAGE;
    const { identity } = role;
    const puller = resourceId(
      this,
      plan.names.resourceGroup,
      `Microsoft.ManagedIdentity/userAssignedIdentities/${plan.names.puller}`,
    );
    const environment = {
      // Of several identities of a job, the one that this container is.
      AZURE_CLIENT_ID: identity.clientId,
      AZURE_TOKEN_CREDENTIALS: 'prod',
      ...props.environment,
    };
    const env = Object.entries(environment).map(([name, value]) => ({ name, value }));
    const memory = `${memoryGiB}Gi`;
    this.#container = { name: 'runner', image, env, resources: { cpu, memory } };
    this.job = new ContainerAppJob(this, 'Resource', {
      name: props.name,
      resourceGroupName: plan.names.resourceGroup,
      location: plan.location,
      containerAppEnvironmentId: resourceId(
        this,
        plan.names.resourceGroup,
        `Microsoft.App/managedEnvironments/${props.reaches ? plan.names.copyEnvironment : plan.names.environment}`,
      ),
      workloadProfileName: 'Consumption',
      identity: { type: 'UserAssigned', identityIds: [identity.id, puller] },
      registry: [{ server: REGISTRY, identity: puller }],
      replicaTimeoutInSeconds: props.longestSeconds,
      // Another try is the flow's business, which knows whether it is worth one.
      replicaRetryLimit: 0,
      ...(props.cron === undefined
        ? { manualTriggerConfig: { parallelism: 1, replicaCompletionCount: 1 } }
        : { scheduleTriggerConfig: { cronExpression: props.cron, parallelism: 1, replicaCompletionCount: 1 } }),
      template: { container: [{ name: 'runner', image, cpu, memory, env, args: [...args] }] },
      dependsOn: [...props.after],
    });
  }

  /** How a flow starts it as it is. */
  get start(): JobStart {
    return { job: this.job.id };
  }

  /** How a flow starts it with other arguments. */
  startWith(args: readonly string[]): JobStart {
    return { job: this.job.id, containers: [{ ...this.#container, args: [...args] }] };
  }
}
