/** An entry of an archive's table of contents. */
export interface TocEntry {
  /** As a list for `--use-list` has it. */
  readonly line: string;
  readonly id: number;
  /** What it is, with its name and owner: `VIEW public jobs postgres`. */
  readonly what: string;
  /** Ids, also of what is not in the archive. */
  readonly dependsOn: readonly number[];
}

const ENTRY = /^(\d+); \d+ \d+ (.*)$/;
const DEPENDS = /^;\s+depends on:((?: \d+)+)$/;

/** Reads what `pg_restore --list --verbose` writes. https://www.postgresql.org/docs/current/app-pgrestore.html */
export function readToc(text: string): readonly TocEntry[] {
  const entries: TocEntry[] = [];
  for (const line of text.split('\n')) {
    const [, id, what] = ENTRY.exec(line) ?? [];
    if (id !== undefined && what !== undefined) entries.push({ line, id: Number(id), what, dependsOn: [] });
    const ids = DEPENDS.exec(line)?.[1]?.trim().split(' ').map(Number);
    const last = entries.at(-1);
    if (ids && last) entries[entries.length - 1] = { ...last, dependsOn: [...new Set(ids)] };
  }
  return entries;
}

/** What is built on some of the entries, at any distance. */
export function dependants(toc: readonly TocEntry[], on: readonly TocEntry[]): readonly TocEntry[] {
  const reached = new Set(on.map(({ id }) => id));
  for (let before = 0; before < reached.size;) {
    before = reached.size;
    for (const { id, dependsOn } of toc) if (dependsOn.some((one) => reached.has(one))) reached.add(id);
  }
  return toc.filter((entry) => reached.has(entry.id) && !on.includes(entry));
}
