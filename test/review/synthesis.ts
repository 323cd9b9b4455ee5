import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { synthesize } from '../../lib/cli/synthesize';
import type { Synthesis } from '../../lib/cli/synthesize';
import type { Compiled } from '../../lib/compile';
import type { ProtectionPlan } from '../../lib/plan';
import { planned } from '../plan/support';

export type Clouds = Readonly<Record<CloudName, string>>;

export interface Synthesized extends Synthesis {
  /** The templates of each cloud as one text, without the nodes of the plan that they name. */
  readonly templates: Clouds;
}

export const CLOUDS = ['aws', 'azure', 'google'] as const;
export type CloudName = (typeof CLOUDS)[number];

/** Synthesizes a compiled spec, or its part in some clouds, in this process into a folder that is gone afterwards. */
export async function synthesized(compiled: Compiled, clouds: readonly CloudName[] = CLOUDS): Promise<Synthesized> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-test-'));
  try {
    const whole = planned(compiled);
    const left = CLOUDS.filter((cloud) => !clouds.includes(cloud)).map((cloud) => [cloud, []]);
    const noTasks = Object.fromEntries(
      CLOUDS.filter((cloud) => !clouds.includes(cloud)).map((cloud) => [`${cloud}Tasks`, { shared: [], shards: [] }]),
    );
    const noReaders = {
      ...(clouds.includes('aws') ? {} : { awsReaders: [] }),
      ...(clouds.includes('azure') ? {} : { azureReaders: [] }),
      ...(clouds.includes('google') ? {} : { googleReaders: [] }),
    };
    const sites = whole.sites.filter(({ cloud }) => clouds.includes(cloud));
    const plan: ProtectionPlan = { ...whole, ...Object.fromEntries(left), ...noTasks, ...noReaders, sites };
    const sitesOn = (cloud: CloudName) => sites.filter((one) => one.cloud === cloud).map(({ stack }) => stack);
    const synthesis = await synthesize(compiled, plan, {
      folder: path.join(folder, 'out'),
      packageRoot: path.resolve(__dirname, '../..'),
    });
    const text = (...parts: readonly string[]) => bare(readFileSync(path.join(folder, 'out', ...parts), 'utf8'));
    const terraform = (name: string) => text('terraform', 'stacks', name, 'cdk.tf.json');
    return {
      ...synthesis,
      templates: {
        aws: synthesis.stacks.aws.map((name) => text('aws', `${name}.template.json`)).join('\n'),
        azure: [...stacksOf([...plan.azure, ...plan.azureReaders], plan.azureTasks), ...sitesOn('azure')]
          .map(terraform)
          .join('\n'),
        google: [...stacksOf([...plan.google, ...plan.googleReaders], plan.googleTasks), ...sitesOn('google')]
          .map(terraform)
          .join('\n'),
      },
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Named {
  readonly name: string;
}

function stacksOf(
  stores: readonly Named[],
  tasks: { readonly shared: readonly Named[]; readonly shards: readonly Named[] },
): readonly string[] {
  return [...stores, ...tasks.shared, ...tasks.shards].map(({ name }) => name);
}

function bare(template: string): string {
  return JSON.stringify(
    JSON.parse(template, (key, value: unknown) => (key === 'hypdr' || key === '//' ? undefined : value)),
  );
}
