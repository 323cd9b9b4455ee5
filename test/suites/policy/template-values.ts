/** Values of a template as they are after a deployment into one account, as far as policies need them. */
export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Region': REGION,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
};

type Json = Readonly<Record<string, unknown>>;

/** Replaces intrinsic functions by what they would give; what only the service can name becomes a telling ARN. */
export function deployed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(deployed);
  if (typeof value !== 'object' || value === null) return value;
  const [entry, ...others] = Object.entries(value as Json);
  if (entry && others.length === 0) {
    const [name, argument] = entry;
    if (name === 'Ref') return PSEUDO[String(argument)] ?? `ref:${String(argument)}`;
    if (name === 'Fn::GetAtt') return arnOf(argument as readonly string[]);
    if (name === 'Fn::Join') return join(argument as readonly [string, readonly unknown[]]);
    if (name === 'Fn::Sub') return sub(String(argument));
    if (name === 'Fn::ImportValue') return `arn:aws:imported:${REGION}:${ACCOUNT}:${String(argument)}`;
  }
  return Object.fromEntries(Object.entries(value as Json).map(([key, inner]) => [key, deployed(inner)]));
}

function arnOf([id = '', attribute = '']: readonly string[]): string {
  return `arn:aws:made:${REGION}:${ACCOUNT}:${id}/${attribute}`;
}

function join([separator, parts]: readonly [string, readonly unknown[]]): string {
  return parts.map((part) => String(deployed(part))).join(separator);
}

function sub(text: string): string {
  return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => PSEUDO[name] ?? `ref:${name}`);
}
