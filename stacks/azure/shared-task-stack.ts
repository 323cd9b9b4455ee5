import type { Construct } from 'constructs';
import { addResourceGroup, addTaskProvider } from '../../lib/azure';
import { TaskEnvironment } from '../../lib/azure/environment';
import { FailureGroup } from '../../lib/azure/failure-group';
import { ImagePuller } from '../../lib/azure/image';
import { ConfigContainer } from '../../lib/azure/task-config';
import type { AzureSharedTasks } from '../../lib/contract/azure-tasks';
import { frameStack, TerraformOutput, TerraformStack } from '../../lib/terraform';

/** What all tasks of a location share: where containers run, their log, the alarms' receivers, the configuration. */
export class AzureSharedTaskStack extends TerraformStack {
  constructor(scope: Construct, plan: AzureSharedTasks) {
    super(scope, plan.name);
    frameStack(this, plan);
    addTaskProvider(this, plan);
    const group = addResourceGroup(this, { ...plan, resourceGroup: plan.names.resourceGroup });
    const { environment, workspace } = new TaskEnvironment(this, 'environment', { plan, group });
    new FailureGroup(this, 'failures', { name: plan.names.actionGroup, group });
    const { build } = new ImagePuller(this, 'image', { name: plan.names.puller, image: plan.image, group });
    new ConfigContainer(this, 'config', { config: plan.config });
    this.#output(
      'image_build',
      build,
      'builds the image, in the folder of the package: push it, and its digest is container_image',
    );
    this.#output('resource_group', group.name, 'group of the tasks of this location');
    this.#output('log_workspace', workspace.workspaceId, 'workspace that az monitor log-analytics query asks');
    this.#output('container_environment', environment.name, 'environment of the jobs');
  }

  #output(name: string, value: string, description: string): void {
    new TerraformOutput(this, name, { value, description, staticId: true });
  }
}
