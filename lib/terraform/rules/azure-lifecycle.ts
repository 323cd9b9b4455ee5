import { complain, mustMatch, outOfOrder, type Complaint, type OwnRule } from '../rule';
import {
  blocksAt,
  literalsAt,
  numberAt,
  referencedAddress,
  resourcesOf,
  valueAt,
  type JsonObject,
  type Resource,
  type StackJson,
} from '../stack-json';

const policies = (stack: StackJson) => resourcesOf(stack, 'azurerm_storage_management_policy');

/** Each of the policies' rules with the policy that it belongs to. */
function eachRule(stack: StackJson, check: (rule: JsonObject, policy: Resource) => readonly Complaint[]): Complaint[] {
  return policies(stack).flatMap((policy) => blocksAt(policy.body, 'rule').flatMap((rule) => check(rule, policy)));
}

const MODIFIED = 'actions.base_blob';
const afterDays = (rule: JsonObject, action: string) =>
  numberAt(rule, `${MODIFIED}.${action}_after_days_since_modification_greater_than`);

/** https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure */
export const azureLifecycleRules: readonly OwnRule[] = [
  {
    id: 'azure-one-policy',
    refusedBy: 'nobody',
    check: (stack) =>
      policies(stack)
        .filter((policy, index, all) => {
          const account = valueAt(policy.body, 'storage_account_id');
          return all.findIndex((other) => valueAt(other.body, 'storage_account_id') === account) !== index;
        })
        .map((policy) => complain(policy, 'replaces another management policy of the same account')),
  },
  {
    id: 'azure-policy-size',
    refusedBy: 'service',
    check: (stack) =>
      policies(stack).flatMap((policy) => {
        const names = blocksAt(policy.body, 'rule').map((rule) => valueAt(rule, 'name'));
        return [
          ...(names.length > 100 ? [complain(policy, `has ${names.length} rules, 100 are allowed`)] : []),
          ...names
            .filter((name, index) => names.indexOf(name) !== index)
            .map((name) => complain(policy, `has two rules of the name "${String(name)}"`)),
        ];
      }),
  },
  {
    id: 'azure-policy-rule-name',
    refusedBy: 'service',
    check: (stack) =>
      eachRule(stack, (rule, { address }) =>
        mustMatch({ address, body: rule }, 'name', /^[A-Za-z0-9-]{1,256}$/, 'has to be letters, digits and hyphens'),
      ),
  },
  {
    id: 'azure-policy-filter',
    refusedBy: 'service',
    check: (stack) =>
      eachRule(stack, (rule, policy) => {
        const types = literalsAt(rule, 'filters.blob_types');
        const prefixes = literalsAt(rule, 'filters.prefix_match').length;
        const tagged = blocksAt(rule, 'filters.match_blob_index_tag').length > 0;
        const others = blocksAt(rule, 'actions.version').length + blocksAt(rule, 'actions.snapshot').length > 0;
        const name = String(valueAt(rule, 'name'));
        return [
          ...(types.join() === 'blockBlob' ? [] : [complain(policy, `rule ${name} moves what is no block blob`)]),
          ...(prefixes > 10 ? [complain(policy, `rule ${name} has ${prefixes} prefixes, 10 are allowed`)] : []),
          ...(tagged && others ? [complain(policy, `rule ${name} has tags, which versions and snapshots refuse`)] : []),
        ];
      }),
  },
  {
    id: 'azure-policy-days',
    refusedBy: 'provider',
    check: (stack) =>
      eachRule(stack, (rule, policy) => {
        const days = ['base_blob', 'version', 'snapshot'].flatMap((part) =>
          blocksAt(rule, `actions.${part}`).flatMap((block) => Object.entries(block)),
        );
        const bad = days.filter(([, day]) => typeof day === 'number' && (day < 0 || day > 99_999));
        return [
          ...bad.map(([key, day]) => complain(policy, `${key} is ${String(day)}, allowed are 0 to 99999`)),
          ...(days.length === 0 ? [complain(policy, `rule ${String(valueAt(rule, 'name'))} does nothing`)] : []),
        ];
      }),
  },
  {
    id: 'azure-policy-order',
    refusedBy: 'nobody',
    check: (stack) =>
      eachRule(stack, (rule, policy) =>
        outOfOrder([
          ['cool', afterDays(rule, 'tier_to_cool')],
          ['cold', afterDays(rule, 'tier_to_cold')],
          ['archive', afterDays(rule, 'tier_to_archive')],
          ['delete', afterDays(rule, 'delete')],
        ]).map((pair) => complain(policy, `rule ${String(valueAt(rule, 'name'))} has ${pair}`)),
      ),
  },
  {
    // https://learn.microsoft.com/azure/storage/blobs/access-tiers-overview#archive-access-tier
    id: 'azure-archive-redundancy',
    refusedBy: 'nobody',
    check: (stack) =>
      eachRule(stack, (rule, policy) => {
        const address = referencedAddress(valueAt(policy.body, 'storage_account_id'));
        const account = resourcesOf(stack, 'azurerm_storage_account').find((other) => other.address === address);
        const replication = account === undefined ? undefined : valueAt(account.body, 'account_replication_type');
        return afterDays(rule, 'tier_to_archive') !== undefined && /ZRS$/.test(String(replication))
          ? [complain(policy, `rule ${String(valueAt(rule, 'name'))} archives, which ${String(replication)} can not`)]
          : [];
      }),
  },
  {
    // The service waits for the lock, so that a blob lives longer than the rule says.
    id: 'azure-delete-before-lock-ends',
    refusedBy: 'nobody',
    check: (stack) =>
      eachRule(stack, (rule, policy) => {
        const deleted = afterDays(rule, 'delete');
        const locked = lockedDays(stack, policy, literalsAt(rule, 'filters.prefix_match'));
        return deleted !== undefined && deleted < locked
          ? [
              complain(
                policy,
                `rule ${String(valueAt(rule, 'name'))} deletes after ${deleted} days, locked are ${locked}`,
              ),
            ]
          : [];
      }),
  },
];

/** Longest lock of the containers that the prefixes of a policy's rule reach. */
function lockedDays(stack: StackJson, policy: Resource, prefixes: readonly string[]): number {
  const account = valueAt(policy.body, 'storage_account_id');
  const reached = resourcesOf(stack, 'azurerm_storage_container')
    .filter(({ body }) => valueAt(body, 'storage_account_id') === account)
    .filter(({ body }) => prefixes.some((prefix) => prefix.split('/')[0] === valueAt(body, 'name')))
    .map(({ address }) => address);
  const days = resourcesOf(stack, 'azurerm_storage_container_immutability_policy')
    .filter(({ body }) =>
      reached.includes(referencedAddress(valueAt(body, 'storage_container_resource_manager_id')) ?? ''),
    )
    .map(({ body }) => numberAt(body, 'immutability_period_in_days') ?? 0);
  return Math.max(0, ...days);
}
