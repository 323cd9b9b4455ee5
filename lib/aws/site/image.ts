import type { Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib';

type Architecture = 'x86_64' | 'arm64';

const IN_NAMES: Readonly<Record<Architecture, string>> = { x86_64: 'amd64', arm64: 'arm64' };

/**
 * The image of a machine: the operator's, or the newest of Ubuntu 24.04 LTS at each deployment, whose id Canonical
 * publishes as a parameter that everybody may read: no lookup, and nothing that ages in a template.
 * @see https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
 */
export function imageOf(stack: Stack, architecture: Architecture, own?: string): string {
  if (own !== undefined) return own;
  const id = `Ubuntu${architecture === 'arm64' ? 'Arm' : ''}Image`;
  const parameter =
    (stack.node.tryFindChild(id) as CfnParameter | undefined) ??
    new CfnParameter(stack, id, {
      type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>',
      default: `/aws/service/canonical/ubuntu/server/24.04/stable/current/${IN_NAMES[architecture]}/hvm/ebs-gp3/ami-id`,
      description: 'Parameter that names the image of machines: Ubuntu 24.04 LTS, the newest at each deployment',
    });
  return parameter.valueAsString;
}
