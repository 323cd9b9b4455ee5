import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../../lib/synth.mjs';
import { awsCommand } from './aws.mjs';

export const BUCKET = 'acme-bench';

/** Bytes of disk that a bench takes at its most: files, both databases with their logs, and what is stored of one run. */
const NEEDED = { usual: 10e9, full: 18e9 };

/**
 * Servers of its own, a scratch folder, and the environment in which pipes and runner find all of it. `end` stops and
 * removes everything.
 * @throws where the disk is too small or a server is missing
 */
export async function makeWorld({ full }) {
  const free = statfsSync(tmpdir());
  const [bytes, needed] = [free.bavail * free.bsize, full ? NEEDED.full : NEEDED.usual];
  const gigabytes = (of) => `${Math.round(of / 1e9)} GB`;
  console.log(
    `the runner's bench needs ${gigabytes(needed)} of disk in the folder of temporary files; ${gigabytes(bytes)} are free`,
  );
  if (bytes < needed)
    throw new Error('the disk is too small for the bench: free some, or set TMPDIR to a folder elsewhere');
  const kit = await bundledKit();
  const scratch = mkdtempSync(path.join(tmpdir(), 'hypdr-bench-'));
  const starts = await Promise.allSettled([
    kit.startMinio(),
    kit.startPostgres({ settings: POSTGRES }),
    kit.startMariadb({ settings: MARIADB }),
  ]);
  const servers = starts.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const end = async () => {
    await Promise.all(servers.map((server) => server.stop()));
    rmSync(scratch, { recursive: true, force: true });
  };
  try {
    for (const one of starts) if (one.status === 'rejected') throw one.reason;
    const [minio, postgres, mariadb] = servers;
    await kit.createBucket(minio, BUCKET);
    const { PATH, HOME } = process.env;
    const aws = { ...minio.environment, AWS_DEFAULT_REGION: minio.environment.AWS_REGION };
    const env = { PATH, HOME, ...aws, ...postgres.environment, ...mariadb.environment };
    return { kit, scratch, minio, postgres, mariadb, env, aws: awsCommand(), end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** A load goes without the log of changes; nobody's data is at stake. */
const POSTGRES = { wal_level: 'minimal', max_wal_senders: '0', max_wal_size: '2GB', shared_buffers: '256MB' };
const MARIADB = { 'innodb-buffer-pool-size': '512M', 'innodb-log-file-size': '256M', 'local-infile': 'ON' };

async function bundledKit() {
  const outfile = path.join(ROOT, 'node_modules/.cache/hypdr-bench/kit.js');
  mkdirSync(path.dirname(outfile), { recursive: true });
  const entryPoints = [path.join(import.meta.dirname, 'kit.mjs')];
  await build({
    entryPoints,
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  return createRequire(import.meta.url)(outfile);
}
