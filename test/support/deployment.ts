import type { SourceFile } from '../../lib/diagnostics';

const MARK = '// ';

/** deployment.hyp with the two blocks that it shows as comments in force: one `// ` less on each of their lines. */
export function uncommented(file: SourceFile): SourceFile {
  let inBlock = false;
  const lines = file.text.split('\n').map((line) => {
    inBlock ||= /^\/\/ \w+ \{$/.test(line);
    const kept = inBlock && line.startsWith(MARK) ? line.slice(MARK.length) : line;
    if (line === '// }') inBlock = false;
    return kept;
  });
  return { ...file, text: lines.join('\n') };
}
