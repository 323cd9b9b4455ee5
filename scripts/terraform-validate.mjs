/** Usage: node scripts/terraform-validate.mjs FOLDER, where FOLDER holds a `cdk.tf.json` in each of its folders. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { validateStacks } from './terraform/validate.mjs';

const [folder] = process.argv.slice(2);
const stacks = folder ? readdirSync(folder).map((name) => path.join(folder, name)) : [];
const folders = stacks.filter((stack) => existsSync(path.join(stack, 'cdk.tf.json'))).sort();
if (folders.length === 0) {
  console.error('usage: node scripts/terraform-validate.mjs FOLDER (one that holds stacks)');
  process.exitCode = 2;
} else {
  const results = await validateStacks(folders);
  for (const { folder: stack, ok, output } of results)
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${stack}\n${output}`.trim());
  process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
}
