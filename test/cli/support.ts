import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Host } from '../../lib/cli/host';
import { run } from '../../lib/cli/program';

export const ROOT = path.resolve(__dirname, '../..');

export interface Outcome {
  readonly exit: number;
  /** Data. */
  readonly out: string;
  /** Talk. */
  readonly err: string;
}

/** A folder of a user, with the files given. */
export interface Folder {
  readonly path: string;
  readonly file: (name: string) => string;
  readonly write: (name: string, text: string) => void;
  readonly hypdr: (argv: readonly string[], host?: Partial<Host>) => Promise<Outcome>;
}

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

export function folder(files: Readonly<Record<string, string>> = {}): Folder {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'hypdr-cli-')));
  made.push(root);
  const one: Folder = {
    path: root,
    file: (name) => path.join(root, name),
    write: (name, text) => {
      mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
      writeFileSync(path.join(root, name), text);
    },
    hypdr: (argv, host) => hypdr(argv, { cwd: root, ...host }),
  };
  for (const [name, text] of Object.entries(files)) one.write(name, text);
  return one;
}

/** The documentation's spec in a folder of its own. */
export function seedFolder(): Folder {
  const one = folder({ 'cdk.json': '{ "context": { "spec": "specs" } }' });
  cpSync(path.join(ROOT, 'specs/hypnoscript'), one.file('specs'), { recursive: true });
  return one;
}

/** The command line on a machine that exists only here. */
export async function hypdr(argv: readonly string[], host: Partial<Host> = {}): Promise<Outcome> {
  let out = '';
  let err = '';
  const exit = await run(argv, {
    cwd: ROOT,
    environment: {},
    colour: 'plain',
    today: '2026-01-01',
    version: '9.9.9',
    packageRoot: ROOT,
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    ...host,
  });
  return { exit, out, err };
}

/** A small spec of one database in one bucket. */
export const SMALL = `backup {
    general: {
        backup_window: { start: "22:00"  end: "23:30"  timezone: "UTC" }
        types: { full: { frequency: "daily"  retention: 30 } }
    }
    database: {
        orders: {
            type: "pg_dump"
            storage: { s3: { bucket: "acme-own"  region: "eu-west-1"  path: "orders/" } }
            validation: { test_restore: true }
        }
    }
}
`;
/** The same with a bucket of Google Cloud and one container of Azure beside it. */
export const THREE = `${SMALL.trimEnd().slice(0, -1)}
    cloud: {
        gcp_storage: { bucket: "acme-gcs"  location: "EU" }
        azure_blob: { storage_account: "acmeall"  container: "backups" }
    }
}
`;
export const BROKEN = SMALL.replace('"acme-own"', '"Acme_Own"');
