import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EXIT } from '../../../lib/runner/exit-code';
import type { Restorable } from '../../../lib/runner/restore/restorable';
import type { RestoreReport } from '../../../lib/runner/restore/report';
import { fileEntries } from '../../corpus/file-entries';
import { startAzurite } from '../../servers/azurite';
import { startMoto } from '../../servers/moto';
import { createBucket, s3Client, s3Environment } from '../../servers/s3';
import { fileTask, makeSource } from './file-task';
import { runHere, writeTask } from './program-run';
import type { Host } from './program-run';

/** The program, with backups that a lifecycle has moved: into Glacier, as moto has it, and into Azure's archive tier. */

jest.setTimeout(120_000);

let folder: string;
let source: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'hypdr-archive-'));
  source = makeSource(path.join(folder, 'source'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const SLOTS = ['20250101T020000Z', '20250102T020000Z'] as const;
const node = { id: 'n', from: [], path: 'docs/' } as const;

function hostWith(environment: Readonly<Record<string, string>>): Host {
  mkdirSync(path.join(folder, 'state'));
  return { folder, state: path.join(folder, 'state'), environment };
}

/** Shortly after a slot. */
const at = (slot: string) => ({
  now: () => new Date(`${slot.slice(0, 4)}-${slot.slice(4, 6)}-${slot.slice(6, 8)}T02:30:00Z`),
});

async function backUp(host: Host, task: string, slot: string, type: 'full' | 'incremental') {
  const ran = await runHere(host, ['backup', '--task', task, '--type', type, '--slot', slot], at(slot));
  expect([ran.exit, ran.stderr]).toEqual([EXIT.success, '']);
}

async function restored(host: Host, task: string, ...more: string[]) {
  const target = path.join(folder, 'target');
  const argv = ['restore', '--task', task, '--target', target, '--format', 'json', ...more];
  const { exit, stdout } = await runHere(host, argv, at(SLOTS[1]));
  return { exit, target, report: JSON.parse(stdout) as RestoreReport };
}

test('Azure: the writer goes on beside archived manifests, verify reads the rest, restore thaws and reads', async () => {
  const server = await startAzurite();
  try {
    const client = BlobServiceClient.fromConnectionString(server.connectionString()).getContainerClient('docs');
    await client.create();
    const host = hostWith(server.environment);
    const store = { ...node, store: 'azure', cloud: 'azure', region: 'westeurope', bucket: 'docs' } as const;
    const task = writeTask(host, fileTask('docs', source, { stores: [store] }));
    await backUp(host, task, SLOTS[0], 'full');
    expect((await runHere(host, ['verify', '--quick', '--task', task], at(SLOTS[0]))).exit).toBe(EXIT.success);
    // By age a policy moves manifests as well: all of it but the ledger.
    for await (const { name } of client.listBlobsFlat({ prefix: 'docs/' }))
      await client.getBlobClient(name).setAccessTier('Archive');

    writeFileSync(path.join(source, 'second'), 'second');
    await backUp(host, task, SLOTS[1], 'full');
    expect((await runHere(host, ['list', '--task', task], at(SLOTS[1]))).stdout).toContain(SLOTS[0]);
    const full = await runHere(host, ['verify', '--full', '--task', task], at(SLOTS[1]));
    expect([full.exit, full.stdout]).toEqual([
      EXIT.success,
      expect.stringMatching(/1 backups read in full, .*\n1 in an archive and not read, /),
    ]);
    const points = (await runHere(host, ['restorable', '--task', task, '--format', 'json'], at(SLOTS[1]))).stdout;
    expect((JSON.parse(points) as Restorable).points.map(({ archived }) => archived)).toEqual([true, false]);

    const first = await restored(host, task, '--from', SLOTS[0]);
    expect([first.exit, existsSync(first.target)]).toEqual([EXIT.retry, false]);
    expect(first.report.thaw).toMatchObject({ tier: 'standard', expectedSeconds: { from: 0, to: 15 * 3600 } });
    // Azurite has thawed it by now.
    const second = await restored(host, task, '--from', SLOTS[0]);
    expect([second.exit, second.report.why]).toEqual([EXIT.success, undefined]);
    rmSync(path.join(source, 'second'));
    expect(fileEntries(path.join(second.target, source.slice(1)))).toEqual(fileEntries(source));
    // The manifest is not needed, and stays where it is.
    expect((await client.getBlobClient(`docs/${SLOTS[0]}-full.manifest.json`).getProperties()).accessTier).toBe(
      'Archive',
    );
  } finally {
    await server.stop();
  }
});

test('S3: a chain in Glacier is asked for by the tier of the task, waited for, and restored', async () => {
  const server = await startMoto();
  const { AWS_ACCESS_KEY_ID: accessKeyId = '', AWS_SECRET_ACCESS_KEY: secretAccessKey = '' } = server.environment;
  const s3 = { ...server, credentials: { accessKeyId, secretAccessKey } };
  const client = s3Client(s3);
  try {
    for (const bucket of ['docs', 'cold']) await createBucket(s3, bucket, 'versioned');
    const host = hostWith(s3Environment(server.endpoint, s3.credentials));
    const store = { ...node, store: 's3', cloud: 'aws', region: 'us-east-1', retrievalTier: 'bulk' } as const;
    const warm = writeTask(host, fileTask('docs', source, { stores: [{ ...store, bucket: 'docs' }] }));
    await backUp(host, warm, SLOTS[0], 'full');
    writeFileSync(path.join(source, 'second'), 'second');
    await backUp(host, warm, SLOTS[1], 'incremental');

    // moto moves nothing by age: the same objects are put into another bucket in their new class, manifests excepted.
    const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket: 'docs' }));
    for (const { Key = '' } of Versions) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: 'docs', Key }));
      const bytes = await Body?.transformToByteArray();
      const StorageClass = Key.endsWith('.manifest.json') ? 'STANDARD' : 'GLACIER';
      await client.send(
        new PutObjectCommand({ Bucket: 'cold', Key, Body: bytes, StorageClass, ChecksumAlgorithm: 'SHA256' }),
      );
    }
    const task = writeTask(host, fileTask('docs', source, { stores: [{ ...store, bucket: 'cold' }] }));
    const full = await runHere(host, ['verify', '--full', '--task', task], at(SLOTS[1]));
    expect([full.exit, full.stdout]).toEqual([EXIT.success, expect.stringContaining('2 in an archive and not read')]);

    const dry = await restored(host, task, '--dry-run');
    expect([dry.exit, dry.report.thaw?.tier, dry.report.thaw?.requested]).toEqual([EXIT.success, 'bulk', 0]);
    await fetch(`${server.endpoint}/moto-api/state-manager/set-transition`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model_name: 's3::keyrestore', transition: { progression: 'manual', times: 4 } }),
    });
    const later = await restored(host, task, '--retrieval-tier', 'Standard');
    expect([later.exit, later.report.thaw]).toEqual([
      EXIT.retry,
      expect.objectContaining({ store: 's3', tier: 'standard', requested: later.report.thaw?.objects }),
    ]);
    const waited = await restored(host, task, '--wait');
    expect([waited.exit, waited.report.why]).toEqual([EXIT.success, undefined]);
    expect(fileEntries(path.join(waited.target, source.slice(1)))).toEqual(fileEntries(source));
  } finally {
    client.destroy();
    await server.stop();
  }
});
