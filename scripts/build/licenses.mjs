import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The licence texts of the packages whose code a bundle holds, which their licences ask to be kept with it. */
export function licensesOf(root, inputs) {
  const packages = new Set(inputs.map(packageOf).filter((name) => name !== undefined));
  return [...packages]
    .sort()
    .map((name) => licenseOf(path.join(root, 'node_modules', name), name))
    .join('\n');
}

function packageOf(input) {
  const inside = input.split('node_modules/').at(-1);
  if (inside === input) return undefined;
  const parts = inside.split('/');
  return parts[0].startsWith('@') ? `${parts[0]}/${parts[1]}` : parts[0];
}

function licenseOf(folder, name) {
  const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file ? readFileSync(path.join(folder, file), 'utf8').trim() : `(${license}, no text in the package)`;
  return `## ${name} ${version} (${license})\n\n${text}\n`;
}
