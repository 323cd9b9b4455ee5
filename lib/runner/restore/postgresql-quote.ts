/** A name as an identifier. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function literal(text: string): string {
  return text.includes('\\') ? `E'${text.replace(/[\\']/g, '\\$&')}'` : `'${text.replaceAll("'", "''")}'`;
}

/** An identifier as `format('%I')` writes it, back to the name. */
export function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier;
}

const IDENTIFIER = String.raw`"(?:[^"]|"")*"|[^".:\s]+`;
const KEY = new RegExp(`^(${IDENTIFIER})\\.(${IDENTIFIER}): (${IDENTIFIER})$`);

/** A foreign key as manifests name it: `schema.table: name`. */
export function readKey(
  text: string,
): { readonly schema: string; readonly table: string; readonly name: string } | undefined {
  const [, schema, table, name] = KEY.exec(text) ?? [];
  if (schema === undefined || table === undefined || name === undefined) return undefined;
  return { schema: unquoted(schema), table: unquoted(table), name: unquoted(name) };
}
