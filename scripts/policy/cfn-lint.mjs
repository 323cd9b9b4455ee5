import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pinnedTool } from '../lib/tools.mjs';

/** Errors and warnings of cfn-lint in the templates of a cloud assembly, each checked for the region of its stack. */
export function cfnLint(assembly) {
  return Object.entries(stacksByRegion(assembly)).flatMap(([region, templates]) => {
    const files = templates.map((template) => path.join(assembly, template));
    const args = ['--format', 'json', '--regions', region, '--non-zero-exit-code', 'none', '--', ...files];
    const { status, stdout, stderr } = spawnSync(pinnedTool('cfn-lint'), args, {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    });
    if (status !== 0) throw new Error(`cfn-lint ended with ${status}\n${stdout}${stderr}`);
    const matches = JSON.parse(stdout).filter(({ Level }) => Level === 'Error' || Level === 'Warning');
    return templates.map((template) => ({
      tool: 'cfn-lint',
      template: `aws/${template}`,
      findings: matches
        .filter(({ Filename }) => path.basename(Filename) === template)
        .map(({ Rule, Location, Message }) => ({
          check: Rule.Id,
          resource: (Location.Path ?? []).join('/'),
          message: Message,
        })),
    }));
  });
}

function stacksByRegion(assembly) {
  const { artifacts } = JSON.parse(readFileSync(path.join(assembly, 'manifest.json'), 'utf8'));
  const regions = {};
  for (const { type, environment, properties } of Object.values(artifacts)) {
    if (type !== 'aws:cloudformation:stack') continue;
    const region = environment.split('/').at(-1);
    (regions[region] ??= []).push(properties.templateFile);
  }
  return regions;
}
