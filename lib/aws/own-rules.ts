import { readFileSync } from 'node:fs';
import type {
  IPolicyValidationPlugin,
  IPolicyValidationContext,
  PolicyValidationPluginReport,
  PolicyViolation,
} from 'aws-cdk-lib';
import { LIFECYCLE_RULES } from './rules/lifecycle';
import { REPLICATION_RULES } from './rules/replication';
import { RESOURCE_RULES } from './rules/resource';
import type { Breach, OwnRule } from './rules/rule';
import { resourcesOf } from './rules/template';
import type { RuleId } from './rules/texts';
import { RULE_TEXTS } from './rules/texts';

/**
 * What S3 or a later restore refuses and no linter sees: cfn-lint and the CDK's own validation accept a template that
 * breaks any of these.
 */
export const OWN_RULES: readonly OwnRule[] = [...LIFECYCLE_RULES, ...REPLICATION_RULES, ...RESOURCE_RULES];

export interface OwnFinding extends Breach {
  readonly rule: RuleId;
  readonly logicalId: string;
}

/** Runs every rule over the JSON of a template. */
export function checkTemplate(template: unknown): OwnFinding[] {
  return resourcesOf(template).flatMap((resource) =>
    OWN_RULES.flatMap(({ id, check }) =>
      check(resource).map((breach) => ({ rule: id, logicalId: resource.logicalId, ...breach })),
    ),
  );
}

/** The rules as a part of the CDK's synthesis: a finding fails it and stands in the one report. */
export class OwnRules implements IPolicyValidationPlugin {
  readonly name = 'hypdr';
  readonly ruleIds: string[] = OWN_RULES.map(({ id }) => id);

  validate({ templatePaths }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = templatePaths.flatMap((templatePath) =>
      checkTemplate(JSON.parse(readFileSync(templatePath, 'utf8'))).map((finding) => violation(finding, templatePath)),
    );
    return { success: violations.length === 0, violations };
  }
}

function violation({ rule, logicalId, location, found }: OwnFinding, templatePath: string): PolicyViolation {
  const { text, fix } = RULE_TEXTS[rule];
  return {
    ruleName: rule,
    description: `${text}: ${found}`,
    fix,
    severity: 'error',
    violatingResources: [{ resourceLogicalId: logicalId, templatePath, locations: [location] }],
  };
}
