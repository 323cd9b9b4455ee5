import { z } from 'zod';
import { BackupManifest } from './backup-manifest';
import { ProtectionPlan } from './plan';
import { TaskManifest } from './task';

type Schema = Readonly<Record<string, unknown>>;

/** The published schema of `plan.json`. */
export function renderPlanSchema(): Schema {
  return render(ProtectionPlan, 'ProtectionPlan of a HypnoScript spec');
}

/** The published schema of a task manifest, `tasks/*.json`. */
export function renderTaskSchema(): Schema {
  return render(TaskManifest, 'Task manifest of a HypnoScript spec');
}

/** The published schema of a backup's manifest, `<slot>-<type>.manifest.json` in a store. */
export function renderManifestSchema(): Schema {
  return render(BackupManifest, 'Manifest of a backup of HypnoScript');
}

function render(type: z.ZodType, title: string): Schema {
  return { title, ...z.toJSONSchema(type, { target: 'draft-2020-12', reused: 'ref' }) };
}
