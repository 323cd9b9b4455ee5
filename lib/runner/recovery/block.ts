/** A block of a recipe that somebody types: all of it in a shell of its own, so that what fails is seen and ends nothing else. */
export function block(text: string): string {
  return `\`\`\`sh plain\n${text}\n\`\`\``;
}

/** For a shell: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02 */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
