import { childPath } from '../diagnostics';
import type { EngineName } from '../contract';
import type { DatabaseSetSpec, FileSetSpec, StorageSpec } from '../spec';
import type { PlanContext } from './context';

/** A database or a file set of the spec, seen alike. */
export interface DataSet {
  readonly name: string;
  /** Its path in the spec. */
  readonly path: string;
  readonly engine: EngineName;
  readonly spec:
    | { readonly kind: 'database'; readonly set: DatabaseSetSpec }
    | { readonly kind: 'files'; readonly set: FileSetSpec };
  readonly storage: StorageSpec;
}

/** The data sets that are built: enabled, in backups that are enabled, sorted by name. */
export function dataSetsOf({ backup, report }: PlanContext): readonly DataSet[] {
  if (!backup.general.enabled) return [];
  const databases = [...(backup.database ?? [])].map(([name, set]) => fromDatabase(name, set));
  const files = [...(backup.filesystem ?? [])].map(([name, set]) => fromFiles(name, set));
  const seen = new Map<string, DataSet>();
  for (const one of [...databases, ...files]) {
    // Task files lie on file systems that do not tell upper from lower case.
    const first = seen.get(one.name.toLowerCase());
    if (first) {
      report({
        code: 'DR3004',
        path: one.path,
        message: `the name "${one.name}" is taken by ${first.path}`,
        fix: 'give it another name: a data set is one task, one manifest and one folder in the shared stores',
      });
    } else {
      seen.set(one.name.toLowerCase(), one);
    }
  }
  return [...seen.values()].filter((one) => one.spec.set.enabled).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function fromDatabase(name: string, set: DatabaseSetSpec): DataSet {
  const path = childPath('backup.database', name);
  return { name, path, engine: set.engine, spec: { kind: 'database', set }, storage: set.storage };
}

function fromFiles(name: string, set: FileSetSpec): DataSet {
  const path = childPath('backup.filesystem', name);
  return { name, path, engine: 'files', spec: { kind: 'files', set }, storage: set.storage };
}
