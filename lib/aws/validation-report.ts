import { z } from 'zod';

/** What a rule found in a template: one place, one finding. */
export interface AwsFinding {
  /** Who checked: the CDK's own validation, these rules, or a pack of the user's. */
  readonly source: string;
  readonly rule: string;
  readonly severity: string;
  readonly message: string;
  readonly fix: string | undefined;
  /** Path of the construct, or the logical id where no construct made the resource. */
  readonly construct: string;
  readonly location: string;
}

/**
 * Warnings that end a synthesis. W3030 is an error of CloudFormation's that the library shows as a warning: a value that
 * is not among those allowed, such as the lock mode `Governance`.
 * @see https://github.com/aws-cloudformation/cfn-lint/blob/main/docs/rules.md
 */
const FATAL_WARNINGS = ['W3030'];

export function isFatal({ severity, rule }: AwsFinding): boolean {
  return severity === 'error' || severity === 'fatal' || FATAL_WARNINGS.includes(rule);
}

const Report = z.object({
  pluginReports: z.array(
    z.object({
      pluginName: z.string(),
      violations: z.array(
        z.object({
          ruleName: z.string(),
          description: z.string(),
          severity: z.string().default('error'),
          suggestedFix: z.string().optional(),
          violatingConstructs: z
            .array(
              z.object({
                constructPath: z.string().optional(),
                cloudFormationResource: z
                  .object({ logicalId: z.string().optional(), propertyPaths: z.array(z.string()).optional() })
                  .optional(),
              }),
            )
            .default([]),
        }),
      ),
    }),
  ),
});

/** Reads `validation-report.json` of a cloud assembly. */
export function findingsOf(report: unknown): AwsFinding[] {
  return Report.parse(report).pluginReports.flatMap(({ pluginName, violations }) =>
    violations.flatMap(({ ruleName, description, severity, suggestedFix, violatingConstructs }) =>
      violatingConstructs.map(({ constructPath, cloudFormationResource }) => ({
        source: pluginName,
        rule: ruleName,
        severity,
        message: description,
        fix: suggestedFix,
        construct: constructPath ?? cloudFormationResource?.logicalId ?? '',
        location: cloudFormationResource?.propertyPaths?.join(', ') ?? '',
      })),
    ),
  );
}
