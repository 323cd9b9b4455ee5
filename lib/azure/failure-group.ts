import { MonitorActionGroup } from '@cdktf/provider-azurerm/lib/monitor-action-group';
import type { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { Construct } from 'constructs';
import { input } from './input';

export interface FailureGroupProps {
  readonly name: string;
  readonly group: ResourceGroup;
}

/** Whom every alarm tells. Nobody is no answer: an alarm that is heard by nobody is none. */
export class FailureGroup extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, { name, group }: FailureGroupProps) {
    super(scope, id);
    const receivers = input(this, 'alert_emails', {
      type: 'list(string)',
      description: 'Mail addresses that are told of every backup that did not happen.',
      checks: [
        { condition: '${length(var.alert_emails) > 0}', errorMessage: 'give at least one address: who is told?' },
        {
          condition: '${alltrue([for one in var.alert_emails : can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", one))])}',
          errorMessage: 'each is a mail address, such as backup@example.com',
        },
      ],
    });
    const actions = new MonitorActionGroup(this, 'Resource', {
      name,
      resourceGroupName: group.name,
      shortName: 'backup',
    });
    this.id = actions.id;
    // One block for each address; CDKTF has no property for a list that only the deployment knows.
    actions.addOverride('dynamic.email_receiver', {
      for_each: receivers.listValue,
      content: {
        name: 'mail-${email_receiver.key}',
        email_address: '${email_receiver.value}',
        use_common_alert_schema: true,
      },
    });
  }
}
