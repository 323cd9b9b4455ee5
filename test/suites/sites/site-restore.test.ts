import { PutObjectCommand } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NODE_RELEASE } from '../../../lib/hosts';
import type { RestoreMachine } from '../../../lib/hosts/site-restore';
import { renderRestoreConfig, renderRestoreScript } from '../../../lib/hosts/site-restore';
import { freePort } from '../../servers/free-port';
import { systemProgram } from '../../servers/programs';
import { REGION, createBucket, s3Client } from '../../servers/s3';
import { Machine, VERSION } from './machine';
import { startPlaces } from './pair';

/**
 * The machine of a site that sleeps, with a real PostgreSQL and a real third place. Node and the runner are played: what
 * a restore does is tested elsewhere, here it makes a database with one row.
 */
jest.setTimeout(180_000);

const RUNNER = 'the runner\n';
const sha256 = createHash('sha256').update(RUNNER).digest('hex');
let places: Awaited<ReturnType<typeof startPlaces>>;
let folder: string;
let machine: Machine;

beforeAll(async () => {
  places = await startPlaces();
  await createBucket(places.minio, 'cold-site');
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-cold-'));
  chmodSync(folder, 0o755);
  const asked: RestoreMachine = {
    ...{ site: 'cold_site', cloud: 'aws', region: REGION, engine: 'postgresql', version: VERSION },
    leaseUrl: `${places.minio.endpoint}/cold-site/lease`,
    volumeGiB: 1,
    metric: { namespace: 'HypnoScript/Site', site: 'acme-cold-site' },
    tasks: [],
    runner: { path: path.join(folder, 'runner.js'), sha256 },
  };
  writeFileSync(asked.runner.path, RUNNER);
  playNode();
  machine = new Machine(
    path.join(folder, 'machine'),
    await freePort(),
    {
      AWS_ACCESS_KEY_ID: places.minio.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: places.minio.credentials.secretAccessKey,
      AWS_ENDPOINT_URL_CLOUDWATCH: places.moto.endpoint,
      HYPDR_HOME: path.join(folder, 'home'),
      HYPDR_AUTH: 'trust',
      HYPDR_POWEROFF: `touch ${path.join(folder, 'off')}`,
    },
    { config: renderRestoreConfig(asked), script: renderRestoreScript(asked) },
  );
  const tasks = path.join(machine.etc, 'tasks');
  mkdirSync(tasks);
  writeFileSync(path.join(tasks, '001.json'), '{"name":"orders"}');
});

afterAll(async () => {
  await machine?.stop();
  await Promise.all([places?.minio.stop(), places?.moto.stop()]);
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** What stands for Node: it restores what `content` says, or ends with what `code` says. */
function playNode(): void {
  for (const { sha256: archive } of Object.values(NODE_RELEASE.archives)) {
    const bin = path.join(folder, 'home/node', `${NODE_RELEASE.version}-${archive.slice(0, 12)}`, 'bin');
    mkdirSync(bin, { recursive: true });
    const lines = [
      '#!/bin/bash',
      'set -euo pipefail',
      // Flags of Node itself come before the program.
      'while [ "${1#--}" != "$1" ]; do shift; done',
      '[ "$2" = restore ] && [ "$6" = latest ]',
      `[ ! -f ${folder}/code ] || exit "$(cat ${folder}/code)"`,
      'host="$(printf "%s" "$8" | sed "s/.*host=//; s/%2F/\\//g")"',
      'port="$(printf "%s" "$8" | sed "s|.*localhost:\\([0-9]*\\)/.*|\\1|")"',
      `ask() { ${systemProgram('psql')} -XAtq -v ON_ERROR_STOP=1 -h "$host" -p "$port" -U postgres -d "$1" -c "$2"; }`,
      'ask postgres "CREATE DATABASE orders"',
      `ask orders "CREATE TABLE notes AS SELECT '$(cat ${folder}/content)' AS note"`,
    ];
    writeFileSync(path.join(bin, 'node'), `${lines.join('\n')}\n`, { mode: 0o755 });
  }
}

async function lease(text: string): Promise<void> {
  const client = s3Client(places.minio);
  try {
    await client.send(new PutObjectCommand({ Bucket: 'cold-site', Key: 'lease', Body: text }));
  } finally {
    client.destroy();
  }
}

const stored = (note: string) => writeFileSync(path.join(folder, 'content'), note);
const mount = (name: string) => path.join(folder, 'machine/mount', name);
const isOff = () => {
  const off = existsSync(path.join(folder, 'off'));
  rmSync(path.join(folder, 'off'), { force: true });
  return off;
};
/** A boot: nothing runs before it. */
const boot = async () => {
  await machine.stop();
  return machine.run(['boot']);
};
const notes = () => machine.sql('SELECT string_agg(note, $$ $$ ORDER BY note) FROM notes', 'orders');

test('a machine that cannot read the lease touches nothing, and stays on', async () => {
  const { code, err } = await boot();
  expect(code).toBe(75);
  expect(err).toContain("the lease can't be read");
  expect(isOff()).toBe(false);
  expect(existsSync(machine.data)).toBe(false);
});

test('asleep it restores what is newest and goes off; its server does not run', async () => {
  await lease('granted 1 1790000000\n');
  stored('monday');
  const { code, out, err } = await boot();
  expect([code, out + err]).toEqual([0, expect.stringContaining('restored within')]);
  expect(isOff()).toBe(true);
  expect(existsSync(path.join(machine.data, 'PG_VERSION'))).toBe(true);
  expect(existsSync(path.join(machine.data, 'postmaster.pid'))).toBe(false);
  expect((await machine.run(['ready'])).out).toContain('503');
});

test('a restore that fails leaves what was restored before, and the machine goes off', async () => {
  stored('never');
  writeFileSync(path.join(folder, 'code'), '4');
  const before = readFileSync(mount('restored.json'), 'utf8');
  const { out, err } = await boot();
  expect(out + err).toContain('what was restored before stays');
  expect(isOff()).toBe(true);
  expect(readFileSync(mount('restored.json'), 'utf8')).toBe(before);
  rmSync(path.join(folder, 'code'));
});

test('nobody activates it while the primary has the lease, or without its name', async () => {
  expect(await machine.run(['activate', 'cold_site'])).toMatchObject({ code: 78 });
  await lease('"revoked 2 1790000100"');
  expect(await machine.run(['activate'])).toMatchObject({ code: 64 });
});

test('what was restored last serves where nothing newer can be had', async () => {
  writeFileSync(path.join(folder, 'code'), '75');
  expect(await machine.run(['activate', 'cold_site'])).toMatchObject({ code: 75 });
  expect((await machine.run(['ready'])).out).toContain('503');
  expect(await machine.run(['activate', 'cold_site', 'last'])).toMatchObject({ code: 0 });
  expect(await notes()).toBe('monday');
  expect((await machine.run(['ready'])).out).toContain('200 OK');
  rmSync(path.join(folder, 'code'));
});

test('an active one is never restored over, whatever boots it', async () => {
  await machine.sql("INSERT INTO notes VALUES ('written')", 'orders');
  stored('tuesday');
  for (const ask of [boot, () => machine.run(['activate', 'cold_site'])]) {
    expect(await ask()).toMatchObject({ code: 0 });
    expect(await notes()).toBe('monday written');
    expect(isOff()).toBe(false);
  }
});

test('one that was left serves again by an activation and by nothing else', async () => {
  expect(await machine.run(['leave'])).toMatchObject({ code: 0, out: expect.stringContaining('stopped') as string });
  expect((await machine.run(['ready'])).out).toContain('503');
  expect(await machine.run(['boot'], { HYPDR_PATIENCE: '0' })).toMatchObject({ code: 0 });
  expect(isOff()).toBe(true);
  await expect(notes()).rejects.toThrow();
  // The activation has switched the machine on.
  const booted = machine.run(['boot']);
  expect(await machine.run(['activate', 'cold_site'])).toMatchObject({ code: 0 });
  expect(await booted).toMatchObject({ code: 0 });
  expect(isOff()).toBe(false);
  expect(await notes()).toBe('monday written');
});

test('asleep again, what was written while it was active is kept beside', async () => {
  await lease('granted 3 1790000200');
  await boot();
  expect(isOff()).toBe(true);
  expect(readdirSync(mount('')).filter((name) => name.startsWith('kept-'))).toHaveLength(1);
  await lease('revoked 4 1790000300');
  expect(await boot()).toMatchObject({ code: 0 });
  expect(await notes()).toBe('tuesday');
  expect((await machine.run(['ready'])).out).toContain('200 OK');
});
