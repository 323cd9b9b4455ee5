import { readFileSync } from 'node:fs';
import { Language, Parser } from 'web-tree-sitter';
import type { Node } from 'web-tree-sitter';

/** What a script says, by a grammar of PowerShell: https://github.com/airbus-cert/tree-sitter-powershell */
export interface ParsedScript {
  /** Text of what is no PowerShell, with its line. */
  readonly errors: readonly string[];
  /** Names of commands that it calls, in order. */
  readonly commands: readonly string[];
  readonly functions: readonly string[];
  /** Every text of a kind of node. */
  readonly texts: (kind: string) => readonly string[];
}

export async function parsePowerShell(script: string): Promise<ParsedScript> {
  await Parser.init();
  const grammar = readFileSync(require.resolve('tree-sitter-powershell/tree-sitter-powershell.wasm'));
  const parser = new Parser();
  parser.setLanguage(await Language.load(grammar));
  const root = parser.parse(script)?.rootNode;
  if (!root) throw new Error('not parsed');
  const nodes = [...walk(root)];
  const texts = (kind: string) => nodes.filter((node) => node.type === kind).map((node) => node.text);
  return {
    errors: nodes
      .filter((node) => node.isError || node.isMissing)
      .map((node) => `line ${node.startPosition.row + 1}: ${node.text.slice(0, 60)}`),
    commands: texts('command_name'),
    functions: texts('function_name'),
    texts,
  };
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) if (child) yield* walk(child);
}
