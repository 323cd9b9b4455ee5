import { ProjectService } from '@cdktf/provider-google/lib/project-service';
import { Construct } from 'constructs';
import { nodeComment, type ITerraformDependable } from '../terraform';

export interface ServicesProps {
  /** APIs like `storage.googleapis.com`. */
  readonly services: readonly string[];
  /** Id of the plan's node that asks for them. */
  readonly nodeId: string;
}

/**
 * APIs that the stack needs switched on. They stay on when the stack goes: other things in the project may use them.
 * @see https://registry.terraform.io/providers/hashicorp/google/6.50.0/docs/resources/google_project_service
 */
export class Services extends Construct {
  /** What has to be on before a resource of these APIs can be made. */
  readonly enabled: ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ServicesProps) {
    super(scope, id);
    this.enabled = props.services.map((service) => {
      const enabled = new ProjectService(this, service.replace(/\.googleapis\.com$/, ''), {
        service,
        disableOnDestroy: false,
      });
      nodeComment(enabled, [props.nodeId]);
      return enabled;
    });
  }
}
