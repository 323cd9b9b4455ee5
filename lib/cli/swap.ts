import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a synth writes; anything else at the top of its folder is somebody's own. */
const OURS = ['aws', 'terraform', 'tasks', 'copies.json', 'plan.json', 'trace.json'];
/** What Terraform keeps in a stack's folder between runs, state above all. */
const TERRAFORM_OWN = /^(\.terraform|\.terraform\.lock\.hcl|terraform\..*\.?tfstate.*|.*\.tfvars(\.json)?)$/;
const STACK_OURS = /^(cdk\.tf\.json|metadata\.json)$/;

/** Files in an output folder that no synth wrote and that Terraform does not keep there. */
export function foreignFiles(out: string): readonly string[] {
  if (!existsSync(out)) return [];
  if (!statSync(out).isDirectory()) return ['.'];
  const top = readdirSync(out).filter((name) => !OURS.includes(name));
  const inStacks = stacksOf(out).flatMap((stack) =>
    readdirSync(join(out, 'terraform', 'stacks', stack))
      .filter((name) => !TERRAFORM_OWN.test(name) && !STACK_OURS.test(name))
      .map((name) => `terraform/stacks/${stack}/${name}`),
  );
  return [...top, ...inStacks];
}

export interface Swap {
  /** Stacks that this synth no longer has and whose Terraform state was kept. */
  readonly orphans: readonly string[];
}

/** Puts a finished folder in the place of the last one, taking over what Terraform keeps there. */
export function swapInto(out: string, finished: string): Swap {
  const orphans: string[] = [];
  for (const stack of stacksOf(out)) {
    const from = join(out, 'terraform', 'stacks', stack);
    const kept = readdirSync(from).filter((name) => TERRAFORM_OWN.test(name));
    const to = join(finished, 'terraform', 'stacks', stack);
    if (kept.some((name) => name.includes('tfstate')) && !existsSync(to)) orphans.push(stack);
    if (kept.length > 0) mkdirSync(to, { recursive: true });
    for (const name of kept) cpSync(join(from, name), join(to, name), { recursive: true, verbatimSymlinks: true });
  }
  const old = `${finished}.old`;
  mkdirSync(dirname(out), { recursive: true });
  if (existsSync(out)) renameSync(out, old);
  renameSync(finished, out);
  rmSync(old, { recursive: true, force: true });
  return { orphans };
}

function stacksOf(out: string): readonly string[] {
  const folder = join(out, 'terraform', 'stacks');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
