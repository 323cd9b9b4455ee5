import type { App } from 'aws-cdk-lib';
import { Stack } from 'aws-cdk-lib';
import { stackAnswersFor } from '../../lib/aws/node-metadata';
import { PrimarySignal, SIGNAL_REGION, signalStackName } from '../../lib/aws/site';
import type { Site } from '../../lib/contract/site';

/** What watches the primary of a site that is started by itself: health checks report in one region only. */
export class SiteSignalStack extends Stack {
  constructor(app: App, { site }: { readonly site: Site }) {
    super(app, signalStackName(site), {
      env: { region: SIGNAL_REGION, account: site.account },
      description: `whether the primary of the recovery site ${site.name} is reached`,
      terminationProtection: true,
    });
    new PrimarySignal(this, 'signal', { site });
    stackAnswersFor(this, [site.activation.id]);
  }
}
