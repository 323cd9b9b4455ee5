import { ServerError } from './server-error';

/** The text of a literal, `N'it''s'`. */
export function textIn(literal: string): string {
  if (!/^N'(?:[^']|'')*'$/.test(literal)) throw new ServerError(102, 15, `Incorrect syntax near ${literal}.`);
  return literal.slice(2, -1).replaceAll("''", "'");
}

/** The name in an identifier, `[a]]b]`. */
export function nameIn(identifier: string): string {
  if (!/^\[(?:[^\]]|\]\])+\]$/.test(identifier)) throw new ServerError(102, 15, `Incorrect syntax near ${identifier}.`);
  return identifier.slice(1, -1).replaceAll(']]', ']');
}

/** Parts between a sign that stands outside of literals, identifiers and brackets. */
export function splitOutside(text: string, sign: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (let at = 0; at < text.length; at += 1) {
    const here = text[at] ?? '';
    const quote = here === "'" ? "'" : here === '[' ? ']' : undefined;
    if (quote) {
      const end = endOf(text, at + 1, quote);
      part += text.slice(at, end);
      at = end - 1;
      continue;
    }
    if (here === '(') depth += 1;
    if (here === ')') depth -= 1;
    if (here === sign && depth === 0) {
      parts.push(part.trim());
      part = '';
    } else part += here;
  }
  parts.push(part.trim());
  return parts.filter((one) => one !== '');
}

/** Behind the closing quote, which stands twice where it is meant. */
function endOf(text: string, from: number, quote: string): number {
  for (let at = from; ;) {
    const found = text.indexOf(quote, at);
    if (found < 0) throw new ServerError(105, 15, 'Unclosed quotation mark.');
    if (text[found + 1] !== quote) return found + 1;
    at = found + 2;
  }
}
