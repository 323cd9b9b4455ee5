/**
 * Text whose control characters, and those that change the order of what is read, are spelled out as `\u001b`: names of
 * files and tables may hold anything, and a terminal obeys it. Ends of lines and tabs stay. JSON stays the same JSON.
 */
export function printable(text: string): string {
  return text.replace(/[^\n\t\P{C}]|[\u2028\u2029]/gu, escaped);
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}
