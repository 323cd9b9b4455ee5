import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PlaceHistory } from './decide';
import type { Machine } from './machine';
import type { StoredManifest } from './manifest';
import { slotOf } from './slot';

/** Notes that are kept of a task: two weeks of a run every five minutes. */
const KEEP = 4096;

/** The time of the run, and the hash of its manifest. */
const NAME = /^\d{8}T\d{6}Z-([0-9a-f]{64})$/;

/**
 * Which manifests this host published: an empty file for each, in the folder of the host's state. Whoever may write into
 * a store may put a manifest there whose positions a server agrees with, and an increment that followed it would leave a
 * gap that nobody sees until a restore. What somebody else made is noted nowhere here.
 */
export class PublishedNotes {
  private readonly folder: string;

  constructor({ stateFolder }: Pick<Machine, 'stateFolder'>, task: string) {
    this.folder = path.join(stateFolder, 'published', encodeURIComponent(task));
  }

  /**
   * Before it is published: a note on what was never published harms nobody, since nobody else can make a manifest of
   * that hash; what was published and not noted would cost a full after a crash.
   */
  async add({ manifest, sha256 }: StoredManifest): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await writeFile(path.join(this.folder, `${slotOf(new Date(manifest.endedAt))}-${sha256}`), '', { mode: 0o600 });
    for (const name of (await this.names()).slice(0, -KEEP)) await rm(path.join(this.folder, name), { force: true });
  }

  /** Hashes of manifests; none where this host has no state yet, or keeps none, as a container. */
  async read(): Promise<ReadonlySet<string>> {
    return new Set((await this.names()).flatMap((name) => NAME.exec(name)?.[1] ?? []));
  }

  /** The oldest first. */
  private async names(): Promise<readonly string[]> {
    const names = await readdir(this.folder).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    });
    return names.filter((name) => NAME.test(name)).sort();
  }
}

/** What of the places a run may follow, and what it may not. */
export interface Owned {
  readonly histories: readonly PlaceHistory[];
  readonly disowned: readonly StoredManifest[];
}

/**
 * What this host published, and what that follows: a manifest names its parent by hash. Without a note everything is
 * followed, as on a host's first run.
 */
export function ownedOf(histories: readonly PlaceHistory[], noted: ReadonlySet<string>): Owned {
  if (noted.size === 0) return { histories, disowned: [] };
  const byHash = new Map(histories.flatMap(({ history }) => history.map((one) => [one.sha256, one])));
  const owned = new Set<string>();
  for (const hash of noted)
    for (let at = byHash.get(hash); at && !owned.has(at.sha256); at = byHash.get(at.manifest.parent?.sha256 ?? ''))
      owned.add(at.sha256);
  return {
    histories: histories.map((one) => ({ ...one, history: one.history.filter(({ sha256 }) => owned.has(sha256)) })),
    disowned: [...byHash.values()].filter(({ sha256 }) => !owned.has(sha256)),
  };
}
