/** The names of backups in a message: all of a few, and how many more there are. */
export function namesText(names: readonly string[]): string {
  return names.length > 3 ? `${names[0]}, ${names[1]} and ${names.length - 2} more` : names.join(', ');
}
