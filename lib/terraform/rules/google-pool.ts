import { complain, mustMatch, textAt, type OwnRule } from '../rule';
import { resourcesOf, type StackJson } from '../stack-json';

const pools = (stack: StackJson) => resourcesOf(stack, 'google_iam_workload_identity_pool');
const providers = (stack: StackJson) => resourcesOf(stack, 'google_iam_workload_identity_pool_provider');

/** https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools/create */
const ID = /^(?!gcp-)[a-z0-9-]{4,32}$/;
const ID_SAYS = 'has to have 4 to 32 lower case letters, digits and hyphens, and may not begin with gcp-';

export const googlePoolRules: readonly OwnRule[] = [
  {
    id: 'google-pool-id',
    refusedBy: 'provider',
    check: (stack) => [
      ...pools(stack).flatMap((pool) => mustMatch(pool, 'workload_identity_pool_id', ID, ID_SAYS)),
      ...providers(stack).flatMap((one) => mustMatch(one, 'workload_identity_pool_provider_id', ID, ID_SAYS)),
    ],
  },
  {
    // An issuer signs for everybody of an account or tenant, and the members of the policies are the whole pool.
    id: 'google-pool-subjects',
    refusedBy: 'nobody',
    check: (stack) =>
      providers(stack)
        .filter(({ body }) => !textAt(body, 'attribute_condition').includes('assertion.sub in'))
        .map((one) => complain(one, 'lets in everybody for whom its issuer signs')),
  },
];
