import { readFileSync } from 'node:fs';
import path from 'node:path';
import { compile } from '../../lib/compile';
import type { Compiled, CompileOptions } from '../../lib/compile';
import type { SourceFile } from '../../lib/diagnostics';
import type { ProtectionPlan } from '../../lib/plan';

const ROOT = path.resolve(__dirname, '../..');

/** Compiles a spec that stands in the test. */
export function compileText(text: string, options: Partial<CompileOptions> = {}): Compiled {
  return compile([{ name: 'spec.hyp', text }], { environment: {}, unset: 'warning', today: '2026-01-01', ...options });
}

/** The plan of a spec that has no errors. */
export function planOf(text: string, options: Partial<CompileOptions> = {}): ProtectionPlan {
  return planned(compileText(text, options));
}

export function planned({ plan, diagnostics }: Compiled): ProtectionPlan {
  if (plan) return plan;
  const errors = diagnostics.filter((one) => one.severity === 'error');
  throw new Error(`no plan: ${errors.map((one) => `${one.code} ${one.path} ${one.message}`).join('; ')}`);
}

/** `code path` of each finding, of one code where it is given. */
export function findings({ diagnostics }: Compiled, code?: string): readonly string[] {
  return diagnostics.filter((one) => code === undefined || one.code === code).map((one) => `${one.code} ${one.path}`);
}

export function errors({ diagnostics }: Compiled): readonly string[] {
  return diagnostics.filter((one) => one.severity === 'error').map((one) => `${one.code} ${one.path}`);
}

/** The types of the documentation's spec. */
export const TYPES = `
  full: { frequency: "weekly" day: "sunday" retention: 30 }
  incremental: { frequency: "daily" retention: 7 }
  differential: { frequency: "daily" retention: 14 }`;

export interface Parts {
  readonly general?: string;
  readonly window?: string;
  readonly types?: string;
  readonly database?: string;
  readonly filesystem?: string;
  readonly cloud?: string;
  readonly deployment?: string;
  /** Further top-level blocks. */
  readonly rest?: string;
}

/** A spec from the parts that a test is about. */
export function spec(parts: Parts = {}): string {
  const block = (name: string, text: string | undefined) => (text === undefined ? '' : `${name}: { ${text} }`);
  return `
    backup {
      general: {
        ${parts.general ?? ''}
        backup_window: { ${parts.window ?? 'start: "22:00" end: "23:30" timezone: "UTC"'} }
        types: { ${parts.types ?? TYPES} }
      }
      ${block('database', parts.database)}
      ${block('filesystem', parts.filesystem)}
      ${block('cloud', parts.cloud)}
    }
    ${parts.deployment === undefined ? '' : `deployment { ${parts.deployment} }`}
    ${parts.rest ?? ''}`;
}

/** A PostgreSQL data set. */
export function database(name: string, storage: string, extra = ''): string {
  return `${name}: { type: "pg_dump" storage: { ${storage} } ${extra} }\n`;
}

export function s3(bucket: string, prefix: string, extra = ''): string {
  return `s3: { bucket: "${bucket}" region: "eu-west-1" path: "${prefix}" ${extra} }`;
}

export const AWS_STORE = 'aws_s3: { bucket: "acme-all" region: "eu-west-1" }';
export const AZURE_STORE = 'azure_blob: { storage_account: "acmeall" container: "backups" location: "westeurope" }';
export const GOOGLE_STORE = 'gcp_storage: { bucket: "acme-all-gcs" location: "europe-west1" }';

/** All buckets of AWS, by name. */
export function buckets(plan: ProtectionPlan) {
  return Object.fromEntries(plan.aws.flatMap((stack) => stack.buckets.map((bucket) => [bucket.name, bucket])));
}

/** The bucket of this name; a missing one fails the test. */
export function bucket(plan: ProtectionPlan, name: string) {
  return need(buckets(plan)[name], name);
}

export function task(plan: ProtectionPlan, name: string) {
  return need(
    plan.tasks.find((one) => one.name === name),
    name,
  );
}

export function need<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new Error(`${what} is missing`);
  return value;
}

function specFile(name: string): SourceFile {
  return { name, text: readFileSync(path.join(ROOT, 'specs', name), 'utf8') };
}

/** The documentation's own spec. */
export const SEED = specFile('hypnoscript/runtime-backup-recovery.md');
/** The second example. */
export const ACME = specFile('acme/backup.hyp');

export function compileFile(file: SourceFile, options: Partial<CompileOptions> = {}): Compiled {
  return compile([file], { environment: {}, unset: 'warning', today: '2026-01-01', ...options });
}
