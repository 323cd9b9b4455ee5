import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTerraformApp, synthTerraform, type StackFinding, type TerraformApp } from '../../lib/terraform';
import type { JsonObject, StackJson } from '../../lib/terraform/stack-json';

export interface SynthesizedStack {
  /** The template's bytes, as they lie in the output folder. */
  readonly text: string;
  readonly template: StackJson;
  readonly manifest: string;
  readonly findings: readonly StackFinding[];
}

/** Synthesizes an app with one stack in a folder of its own and reads back what was written. */
export function synthStack(name: string, add: (app: TerraformApp) => void): SynthesizedStack {
  const folder = mkdtempSync(join(tmpdir(), 'hypdr-'));
  try {
    const outdir = join(folder, 'out');
    const app = createTerraformApp({ outdir });
    add(app);
    const findings = synthTerraform(app);
    const text = readFileSync(join(outdir, 'stacks', name, 'cdk.tf.json'), 'utf8');
    const manifest = readFileSync(join(outdir, 'manifest.json'), 'utf8');
    return { text, template: JSON.parse(text) as StackJson, manifest, findings };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The bill of materials: the type of each resource, sorted, as often as it occurs. */
export function resourceTypes({ template }: SynthesizedStack): string[] {
  return Object.entries(template.resource ?? {})
    .flatMap(([type, resources]) => Object.keys(resources).map(() => type))
    .sort();
}

/** The bodies of a type's resources, in the order of the template, without their comments. */
export function resources({ template }: SynthesizedStack, type: string): JsonObject[] {
  return Object.values(template.resource?.[type] ?? {}).map(({ '//': _comment, ...body }) => body);
}

/** The one resource of a type. */
export function onlyResource(stack: SynthesizedStack, type: string): JsonObject {
  const [only, ...others] = resources(stack, type);
  if (only === undefined || others.length > 0) {
    throw new Error(`expected one ${type}, found ${resources(stack, type).length}`);
  }
  return only;
}

interface Commented {
  readonly '//'?: { readonly hypdr?: { readonly nodes: readonly string[] } };
}

/** The plan's node ids that a type's resources carry, per resource. */
export function nodesOf({ template }: SynthesizedStack, type: string): (readonly string[])[] {
  return Object.values(template.resource?.[type] ?? {}).map((body) => (body as Commented)['//']?.hypdr?.nodes ?? []);
}

/** Every node id that the template holds. */
export function allNodes({ template }: SynthesizedStack): string[] {
  const bodies = Object.values(template.resource ?? {}).flatMap((named) => Object.values(named));
  return [...new Set([template, ...bodies].flatMap((body) => (body as Commented)['//']?.hypdr?.nodes ?? []))].sort();
}
