import { AZURE_STORE, GOOGLE_STORE, database, s3, spec } from './support';
import type { Parts } from './support';

/** Each finding of the plan: a spec that has it, where, and one beside it that has it not. */
export interface Case {
  readonly finding: string;
  readonly text: string;
  readonly without: string;
}

const own = s3('acme-own', 'orders/');
const orders = (storage = own) => database('orders', storage);
const on = (parts: Parts) => spec({ database: orders(), ...parts });
const ON_AZURE = 'azure: { storage_account: "acmeown" container: "own" path: "orders/" }';

/** Findings about copies between clouds. */
export const COPY_CASES: readonly Case[] = [
  {
    finding: 'DR3071 backup.cloud.aws_s3',
    text: on({ cloud: 'aws_s3: { bucket: "acme-all" region: "us-west-2" }' }),
    without: on({
      cloud: 'aws_s3: { bucket: "acme-all" region: "us-west-2" }',
      deployment:
        'network: { aws: { network: "vpc-0123456789abcdef0" subnets: ["subnet-0123456789abcdef0" "subnet-0123456789abcdef1"] } }',
    }),
  },
  {
    finding: 'DR3069 backup.cloud.gcp_storage',
    text: on({ database: orders(ON_AZURE), cloud: GOOGLE_STORE }),
    without: on({
      database: orders(ON_AZURE),
      cloud: GOOGLE_STORE,
      deployment: 'network: { azure: { allowed_ranges: ["192.0.2.10"] } }',
    }),
  },
  {
    finding: 'DR3067 backup.cloud.azure_blob',
    text: on({ cloud: AZURE_STORE }),
    without: on({
      cloud: AZURE_STORE,
      deployment: 'azure: { tenant: "22222222-0000-4000-8000-000000000000" }',
    }),
  },
  {
    // A store of its own in another cloud is filled by a copy too.
    finding: 'DR3067 backup.database.orders.storage.azure',
    text: on({ database: orders(`${own} ${ON_AZURE}`) }),
    without: on({
      database: orders(`${own} ${ON_AZURE}`),
      deployment: 'azure: { tenant: "22222222-0000-4000-8000-000000000000" }',
    }),
  },
];
