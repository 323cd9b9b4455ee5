import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { StackJson } from '../../../../lib/terraform/stack-json';
import type { Change } from './effect';

const SCRIPT = path.resolve(__dirname, '../../../../scripts/terraform-redeploy.mjs');

/** Values that only an operator knows. */
const OPERATOR: Readonly<Record<string, unknown>> = {
  alert_emails: ['backup@example.com'],
  database_version: 'POSTGRES_16',
  image: `europe-docker.pkg.dev/acme/backup/hypdr-runner@sha256:${'0'.repeat(64)}`,
  secrets_vault_id:
    '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/acme/providers/Microsoft.KeyVault/vaults/acme-secrets',
  ssh_public_key: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA== operator',
};

export interface Look {
  readonly changes: readonly Pick<Change, 'address' | 'path' | 'value'>[];
  /** What is deployed then. @default - the same template again */
  readonly deployed?: StackJson;
  /** Without any `ignore_changes`. */
  readonly ignoresNothing?: boolean;
}

export interface Planned {
  /** Of `terraform plan -detailed-exitcode`: 0 where it would change nothing, 2 where it would. */
  readonly code: number;
  /** `ADDRESS: PATH` */
  readonly planned: readonly string[];
}

/** Applies the stack to a cloud that is none, and says what Terraform plans after each of these changes there. */
export function plansAfter(template: StackJson, looks: readonly Look[]): readonly Planned[] {
  const declared = Object.keys((template as { readonly variable?: object }).variable ?? {});
  const variables = Object.fromEntries(Object.entries(OPERATOR).filter(([name]) => declared.includes(name)));
  const request = {
    template,
    variables,
    looks: looks.map(({ changes, ...rest }) => ({ ...rest, changes: byAddress(changes) })),
  };
  const run = spawnSync(process.execPath, [SCRIPT], { input: JSON.stringify(request), encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return JSON.parse(run.stdout) as readonly Planned[];
}

function byAddress(changes: Look['changes']) {
  const addresses = [...new Set(changes.map(({ address }) => address))];
  return addresses.map((address) => ({
    address,
    values: changes.filter((one) => one.address === address).map(({ path: at, value }) => [at, value]),
  }));
}
