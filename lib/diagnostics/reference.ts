import { CODES } from './codes';

const STAGES: Readonly<Record<string, string>> = {
  1: 'Syntax',
  2: 'Spec',
  3: 'Plan and feasibility',
  4: 'Review',
  5: 'Runner',
};

const INTRODUCTION = `# Diagnostics

Generated from the registry by \`npm run docs\`; \`hypdr explain CODE\` shows the same text. Errors stop a synthesis.
Warnings and notes do not, unless \`hypdr check --fail-on\` asks for it; \`deployment.acknowledge\` accepts them with a
reason. Codes are never reused.
`;

/** The page of every diagnostic, by stage. */
export function renderDiagnosticsReference(): string {
  const pages = Object.entries(CODES).sort(([a], [b]) => (a < b ? -1 : 1));
  let stage = '';
  const sections = pages.map(([code, { severity, title, explain }]) => {
    const digit = code.charAt(2);
    const heading = digit === stage ? '' : `## ${STAGES[digit] ?? digit}\n\n`;
    stage = digit;
    return `${heading}### ${code}: ${title}\n\n${severity}\n\n${explain}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}
