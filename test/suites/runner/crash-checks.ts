import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import { listed, runHere } from './program-run';
import type { Host } from './program-run';
import { backupsOn, chainIn } from './shelf';
import type { Shelf } from './shelf';

/**
 * Every manifest is of bytes that are there as it says, by our own hashes, each looked at once; the program's list and
 * verifier agree.
 * @returns the stores whose newest backup has everything before it
 */
export async function expectHonest(
  host: Host,
  task: string,
  shelves: readonly Shelf[],
  seen: Set<string>,
): Promise<readonly Shelf[]> {
  const published: string[] = [];
  const complete: Shelf[] = [];
  for (const shelf of shelves) {
    const backups = await backupsOn(shelf);
    if (chainIn(backups, backups.at(-1))) complete.push(shelf);
    for (const backup of backups) {
      const { key, manifest } = backup;
      const folder = key.replace(/\.manifest\.json$/, `-${manifest.attempt}`);
      for (const { encodings, name } of manifest.streams) {
        const encoding = encodings.find((one) => one.stores.includes(shelf.id));
        if (!encoding) throw new Error(`${shelf.id} publishes ${key} without ${name}`);
        for (const segment of encoding.segments) {
          const object = `${shelf.id} ${folder}/${segment.name}`;
          if (seen.has(object)) continue;
          const bytes = await shelf.bytes(`${folder}/${segment.name}`);
          expect(createHash('sha256').update(bytes).digest('hex')).toBe(segment.sha256);
          seen.add(object);
        }
      }
      published.push(`${shelf.id} ${manifest.slot} ${chainIn(backups, backup) ? 'complete' : 'broken'}`);
    }
  }
  const list = await listed(host, task);
  expect(list.map(({ store, slot, chain }) => `${store} ${slot} ${chain}`).sort()).toEqual(published.sort());
  const holes = list.filter(({ chain }) => chain === 'broken');
  // By the clock of the runs that are killed: to it slots are of days to come, which is told of as well.
  const verified = await runHere(host, ['verify', '--quick', '--task', task], { now: () => new Date() });
  expect(verified.exit).toBe(holes.length === 0 ? EXIT.success : EXIT.degraded);
  const told = verified.stdout.trim().split('\n').slice(1);
  const findings = told.filter((one) => !/ dated after the clock of the verifier/.test(one));
  for (const finding of findings) expect(finding).toMatch(/without it .* can't be restored from here$/);
  const named = findings.map((finding) => /without it (.*) can't/.exec(finding)?.[1] ?? '');
  expect(named.reduce((sum, names) => sum + countOf(names), 0)).toBe(holes.length);
  return complete;
}

/** Of `one`, `one, two`, or `one, two and 5 more`. */
function countOf(names: string): number {
  return names.split(', ').length + Number(/ and (\d+) more$/.exec(names)?.[1] ?? 0);
}

/** Files that are no objects, and data of runs that published nothing; an empty folder is nothing. */
export function leftIn(local: string): readonly string[] {
  const names = readdirSync(local, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(local, path.join(entry.parentPath, entry.name)));
  const published = new Set(
    names
      .filter((name) => /^[^/]*\.manifest\.json$/.test(name))
      .map((name) => (JSON.parse(readFileSync(path.join(local, name), 'utf8')) as { attempt: string }).attempt),
  );
  const attemptOf = (name: string) => /^\d{8}T\d{6}Z-[a-z]+-([0-9a-f]{16})/.exec(name)?.[1];
  return names.filter((name) => {
    const attempt = attemptOf(name);
    return name.endsWith('.unfinished') || (attempt !== undefined && !published.has(attempt));
  });
}
