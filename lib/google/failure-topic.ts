import type { Construct } from 'constructs';
import { TerraformVariable } from '../terraform';

/**
 * Who is told of what is no success: notification channels of Cloud Monitoring, which the operator makes, since mail
 * addresses and phones have to be confirmed and Slack's are made in the console.
 */
export function notificationChannels(scope: Construct): string[] {
  const variable = new TerraformVariable(scope, 'notification_channels', {
    type: 'list(string)',
    nullable: false,
    default: [],
    description: 'channels of Cloud Monitoring that are told, such as projects/PROJECT/notificationChannels/123',
  });
  variable.overrideLogicalId('notification_channels');
  variable.addValidation({
    condition:
      '${alltrue([for channel in var.notification_channels : can(regex("^projects/[^/]+/notificationChannels/[0-9]+$", channel))])}',
    errorMessage: 'A channel is named projects/PROJECT/notificationChannels/NUMBER.',
  });
  return variable.listValue;
}
