import type { AwsKeyReference, GoogleKeyReference, VaultReference } from '../clouds';
import type { KeyReference } from '../spec';
import { childPath } from '../diagnostics';
import type { Claim } from './claim';
import type { PlanContext } from './context';

/** The key that a group's stores name, and where; `undefined` where the stack makes one. */
export interface NamedKey<T> {
  readonly key: T;
  readonly path: string;
}

/** Alias of the key that a stack makes; other stacks name the key by it, so that no token crosses a region. */
export function awsKeyAlias(context: PlanContext, kind: 'backup-store' | 'replica-store'): string {
  return `alias/${context.prefix}-${kind}`;
}

export function awsKeyOf(context: PlanContext, claims: readonly Claim[]): NamedKey<AwsKeyReference> | undefined {
  return keyOf(context, claims, 'kms_key_id', (spec) =>
    spec.provider === 'aws' ? spec.encryption?.kms_key_id : undefined,
  );
}

export function azureKeyOf(context: PlanContext, claims: readonly Claim[]): NamedKey<VaultReference> | undefined {
  return keyOf(context, claims, 'key_vault_url', (spec) =>
    spec.provider === 'azure' ? spec.encryption?.key_vault_url : undefined,
  );
}

export function googleKeyOf(context: PlanContext, claims: readonly Claim[]): NamedKey<GoogleKeyReference> | undefined {
  return keyOf(context, claims, 'kms_key', (spec) =>
    spec.provider === 'google' ? spec.encryption?.kms_key : undefined,
  );
}

/** Paths of the blocks that speak about encryption. */
export function encryptionPaths(claims: readonly Claim[]): readonly string[] {
  return claims.flatMap((claim) => (claim.store?.spec.encryption ? [`${claim.path}.encryption`] : []));
}

type StoreSpec = NonNullable<Claim['store']>['spec'];

function keyOf<T>(
  context: PlanContext,
  claims: readonly Claim[],
  leafName: string,
  read: (spec: StoreSpec) => KeyReference<T> | undefined,
): NamedKey<T> | undefined {
  const named: NamedKey<T>[] = [];
  for (const claim of claims) {
    const reference = claim.store && read(claim.store.spec);
    if (!reference) continue;
    const path = childPath(`${claim.path}.encryption`, leafName);
    if (reference.kind === 'given') named.push({ key: reference.key, path });
    else reportUnset(context, path, reference.variable);
  }
  const [first, ...others] = named;
  if (first && isAwsManaged(first.key)) {
    context.report({
      code: 'DR3011',
      path: first.path,
      message: 'alias/aws/... is a key of AWS itself, which no replica and no other account can use',
      fix: 'name a key of your own, or leave the line out',
    });
  }
  const other = others.find((one) => JSON.stringify(one.key) !== JSON.stringify(first?.key));
  if (first && other) {
    context.report({
      code: 'DR3003',
      path: other.path,
      message: `the same place has another key at ${first.path}`,
      fix: 'name the same key for both, or two places',
    });
  }
  return first;
}

function isAwsManaged(key: unknown): boolean {
  const value = typeof key === 'object' && key !== null && 'value' in key ? key.value : '';
  return typeof value === 'string' && /(^|:)alias\/aws\//.test(value);
}

function reportUnset(context: PlanContext, path: string, variable: string): void {
  context.report({
    code: 'DR3010',
    severity: context.unset,
    path,
    message:
      context.unset === 'error'
        ? `env.${variable} is not set, and unset variables are errors here`
        : `env.${variable} is not set: the stack makes a key of its own`,
    fix: `set ${variable} where the templates are made, or leave the line out if a key of the stack's own is what you want`,
  });
}
