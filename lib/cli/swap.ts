import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What a synth writes into which of its folders; anything else there is somebody's own. */
const OURS: Readonly<Record<string, RegExp>> = {
  '.': /^(aws|terraform|tasks|sites|hosts|copies\.json|plan\.json|trace\.json)$/,
  aws: /^(cdk\.out|manifest\.json|tree\.json|validation-report\.json|asset\..*|.*\.(template|assets|metadata)\.json)$/,
  terraform: /^(manifest\.json|stacks)$/,
  tasks: /\.json$/,
};
/** Stands in every folder that a synth wrote. */
const MARK = 'trace.json';
/** What Terraform keeps in a stack's folder between runs, state above all. */
const TERRAFORM_OWN = /^(\.terraform|\.terraform\.lock\.hcl|terraform\..*\.?tfstate.*|.*\.tfvars(\.json)?)$/;
/** What lies in the folders of a folder. */
const FOLDERS_OURS: Readonly<Record<string, RegExp>> = { sites: /^primary\.(sh|md)$/, hosts: /^install\.sh$/ };
const STACK_OURS = /^(assets|cdk\.tf\.json|metadata\.json)$/;

/** Files in an output folder that no synth wrote and that Terraform does not keep there. */
export function foreignFiles(out: string): readonly string[] {
  if (!existsSync(out)) return [];
  if (!statSync(out).isDirectory()) return ['.'];
  const names = readdirSync(out);
  if (!names.includes(MARK)) return names;
  const ours = Object.entries(OURS).flatMap(([folder, known]) =>
    existsSync(join(out, folder)) ? foreignIn(out, folder, known) : [],
  );
  const inStacks = stacksOf(out).flatMap((stack) =>
    readdirSync(join(out, 'terraform', 'stacks', stack))
      .filter((name) => !TERRAFORM_OWN.test(name) && !STACK_OURS.test(name))
      .map((name) => `terraform/stacks/${stack}/${name}`),
  );
  const inFolders = Object.entries(FOLDERS_OURS).flatMap(([folder, known]) =>
    foldersIn(join(out, folder)).flatMap((one) => foreignIn(out, `${folder}/${one}`, known)),
  );
  return [...ours, ...inStacks, ...inFolders];
}

function foreignIn(out: string, folder: string, known: RegExp): readonly string[] {
  return readdirSync(join(out, folder))
    .filter((name) => !known.test(name))
    .map((name) => (folder === '.' ? name : `${folder}/${name}`));
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
  try {
    renameSync(finished, out);
  } catch (error) {
    // What was there, Terraform's state above all, stays there.
    if (existsSync(old)) renameSync(old, out);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
  return { orphans };
}

function stacksOf(out: string): readonly string[] {
  return foldersIn(join(out, 'terraform', 'stacks'));
}

function foldersIn(folder: string): readonly string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}
