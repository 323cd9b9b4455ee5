import type { OwnRule, RuleFinding } from './rule';
import { azureKeyRules } from './rules/azure-key';
import { azureLifecycleRules } from './rules/azure-lifecycle';
import { azureSiteRules } from './rules/azure-site';
import { azureSiteLeftAloneRules } from './rules/azure-site-left-alone';
import { azureStorageRules } from './rules/azure-storage';
import { azureTaskRules } from './rules/azure-tasks';
import { azureWorkflowRules } from './rules/azure-workflow';
import { googleKeyRules } from './rules/google-key';
import { googleLifecycleRules } from './rules/google-lifecycle';
import { googlePoolRules } from './rules/google-pool';
import { googleSiteLeftAloneRules } from './rules/google-site-left-alone';
import { googleSiteRules } from './rules/google-site';
import { googleStorageRules } from './rules/google-storage';
import { googleTaskRules } from './rules/google-task';
import { stackRules } from './rules/stack';
import type { StackJson } from './stack-json';

export type { OwnRule, RuleFinding } from './rule';

/**
 * Values that `terraform validate` accepts and that the providers refuse when they plan, the services when they
 * apply, or nobody ever. The plan keeps them out of our templates; this looks at the templates themselves.
 */
export const ownRules: readonly OwnRule[] = [
  ...stackRules,
  ...azureStorageRules,
  ...azureLifecycleRules,
  ...azureKeyRules,
  ...azureTaskRules,
  ...azureWorkflowRules,
  ...azureSiteRules,
  ...azureSiteLeftAloneRules,
  ...googleStorageRules,
  ...googleLifecycleRules,
  ...googleKeyRules,
  ...googleTaskRules,
  ...googleSiteRules,
  ...googleSiteLeftAloneRules,
  ...googlePoolRules,
];

/** What the rules say about a synthesized stack, in the order of the rules. Pure. */
export function checkStack(stack: StackJson): readonly RuleFinding[] {
  return ownRules.flatMap((rule) =>
    rule.check(stack).map(({ address, message }) => ({ address, rule: rule.id, message })),
  );
}
