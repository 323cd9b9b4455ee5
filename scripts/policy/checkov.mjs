import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pinnedTool } from '../lib/tools.mjs';

/** Failed checks of checkov in templates of one framework, below `folder`. */
export function checkov(folder, templates, framework) {
  if (templates.length === 0) return [];
  const scratch = mkdtempSync(path.join(tmpdir(), 'checkov-'));
  try {
    for (const template of templates) copyReadable(path.join(folder, template), path.join(scratch, template));
    const { results, summary } = run(scratch, framework);
    if (summary.parsing_errors !== 0) throw new Error(`checkov could not read ${results.parsing_errors.join(', ')}`);
    const checked = new Set(
      [...results.passed_checks, ...results.failed_checks].map(({ file_path }) => file_path.slice(1)),
    );
    return templates.map((template) => ({
      tool: 'checkov',
      template,
      findings: checked.has(template)
        ? results.failed_checks.filter(({ file_path }) => file_path === `/${template}`).map(finding)
        : [{ check: 'none', resource: template, message: 'checkov checked nothing here' }],
    }));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

const finding = ({ check_id, resource, check_name }) => ({ check: check_id, resource, message: check_name });

/** checkov 3.3 stops at a plain value in Terraform's `terraform` block, about which it has no check. */
function copyReadable(from, to) {
  const template = JSON.parse(readFileSync(from, 'utf8'));
  delete template.terraform;
  mkdirSync(path.dirname(to), { recursive: true });
  writeFileSync(to, JSON.stringify(template, null, 1));
}

function run(folder, framework) {
  const args = ['-d', folder, '--framework', framework, '-o', 'json', '--compact', '--skip-download'];
  const { status, stdout, stderr } = spawnSync(pinnedTool('checkov'), args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0 && status !== 1) throw new Error(`checkov ended with ${status}\n${stderr}`);
  // Without anything it knows it prints a bare summary.
  const report = JSON.parse(stdout);
  if (!report.results) throw new Error(`checkov found nothing to check in ${folder}\n${stderr}`);
  return report;
}
