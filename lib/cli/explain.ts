import { CODES, suggestion } from '../diagnostics';
import type { DiagnosticCode } from '../diagnostics';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { BadInvocation } from './load';

/** `hypdr explain CODE`: the page of a diagnostic. */
export function explain(word: string, host: Host): ExitCode {
  const code = word.toUpperCase();
  if (!(code in CODES)) throw new BadInvocation(`no diagnostic ${word}; ${suggestion(code, Object.keys(CODES))}`);
  const { title, severity, explain: text } = CODES[code as DiagnosticCode];
  host.stdout(`${code} (${severity}): ${title}\n\n${wrap(text)}\n`);
  return EXIT.fine;
}

const WIDTH = 100;

/** Breaks paragraphs at words; indented lines are examples and stay as they are. */
function wrap(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.startsWith('    ') ? line : wrapLine(line)))
    .join('\n');
}

function wrapLine(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line && line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = word;
    } else {
      line = line ? `${line} ${word}` : word;
    }
  }
  return [...lines, line].join('\n');
}
