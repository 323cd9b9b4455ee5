import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/** A request as IAM sees it. A condition key that is not there was not sent. */
export interface Request {
  readonly action: string;
  readonly context: Readonly<Record<string, string>>;
}

type Test = (actual: string | undefined, expected: readonly string[]) => boolean;

/**
 * The condition operators that the bucket policies use, with IAM's rule for absent keys: a positive operator does not
 * hold, a negated one does.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
const OPERATORS: Readonly<Record<string, Test>> = {
  Null: (actual, [expected]) => (actual === undefined) === (expected === 'true'),
  Bool: (actual, expected) => actual !== undefined && expected.includes(actual),
  StringEquals: (actual, expected) => actual !== undefined && expected.includes(actual),
  StringNotEquals: (actual, expected) => actual === undefined || !expected.includes(actual),
  NumericLessThan: (actual, [expected]) => actual !== undefined && Number(actual) < Number(expected),
};

/** The Sids of the statements that deny a request. */
export function deniedBy(statements: readonly PolicyStatement[], request: Request): string[] {
  return statements
    .map((statement) => statement.toStatementJson() as StatementJson)
    .filter((statement) => statement.Effect === 'Deny' && holds(statement, request))
    .map(({ Sid }) => Sid ?? '');
}

interface StatementJson {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | number | readonly string[]>>>>;
}

function holds({ Action, Condition = {} }: StatementJson, { action, context }: Request): boolean {
  const actions = [Action].flat();
  if (!actions.includes(action) && !actions.includes('s3:*')) return false;
  return Object.entries(Condition).every(([operator, keys]) => {
    const test = OPERATORS[operator];
    if (!test) throw new Error(`operator '${operator}' is not modelled`);
    return Object.entries(keys).every(([key, expected]) => test(context[key], [expected].flat().map(String)));
  });
}
