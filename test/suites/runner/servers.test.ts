import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { BlobServiceClient } from '@azure/storage-blob';
import { Storage } from '@google-cloud/storage';
import { existsSync } from 'node:fs';
import { startAzurite } from '../../servers/azurite';
import { startFakeGcs } from '../../servers/fake-gcs';
import { startMariadb } from '../../servers/mariadb';
import { startMinio, withPolicy } from '../../servers/minio';
import { startPostgres } from '../../servers/postgres';
import { systemProgram } from '../../servers/programs';
import { runProgram } from '../../servers/run-program';
import { createBucket, s3Client } from '../../servers/s3';
import type { S3Credentials, S3Server } from '../../servers/s3';
import type { RunningServer } from '../../servers/server-process';
import { startVersitygw } from '../../servers/versitygw';

jest.setTimeout(120_000);

/** Servers of one test, stopped after it whatever came of it. */
const running: RunningServer[] = [];
const clients: S3Client[] = [];
async function using<S extends RunningServer>(starting: Promise<S>): Promise<S> {
  const server = await starting;
  running.push(server);
  return server;
}

function client(server: S3Server, credentials?: S3Credentials): S3Client {
  const made = s3Client(server, credentials);
  clients.push(made);
  return made;
}

afterEach(async () => {
  for (const made of clients.splice(0)) made.destroy();
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

const runs = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe('PostgreSQL', () => {
  it('takes statements and dumps by the environment alone, and keeps its rows over a crash', async () => {
    const server = await using(startPostgres({ settings: { wal_level: 'logical' } }));
    await server.sql('create database shop');
    await server.sql(
      'create table account (id int primary key, name text); insert into account values (1, $$ä$$)',
      'shop',
    );
    await server.kill();
    await server.restart();
    expect(await server.sql('select * from account; show wal_level', 'shop')).toBe('1|ä\nlogical\n');
    const dump = await runProgram(systemProgram('pg_dump'), ['shop'], { environment: server.environment });
    expect(dump).toContain('COPY public.account (id, name) FROM stdin;\n1\tä\n');
  });

  it('refuses a wrong password', async () => {
    const server = await using(startPostgres());
    const environment = { ...server.environment, PGPASSWORD: 'wrong' };
    await expect(runProgram(systemProgram('psql'), ['-c', 'select 1'], { environment })).rejects.toThrow(
      'password authentication failed',
    );
  });

  it('ends and leaves nothing behind when it is stopped', async () => {
    const server = await startPostgres();
    const { pid, folder } = server;
    expect([runs(pid), existsSync(folder)]).toEqual([true, true]);
    await server.stop();
    expect([runs(pid), existsSync(folder)]).toEqual([false, false]);
  });
});

describe('MariaDB', () => {
  it('takes statements and dumps by the environment alone, with a coordinate, and keeps its rows over a crash', async () => {
    const server = await using(startMariadb());
    await server.sql('create database shop; create table shop.account (id int primary key, name text) engine=innodb');
    await server.sql("insert into account values (1, '😀')", 'shop');
    await server.kill();
    await server.restart();
    expect(await server.sql('select * from account', 'shop')).toBe('1\t😀\n');
    const args = ['--single-transaction', '--master-data=2', '--databases', 'shop'];
    const dump = await runProgram(systemProgram('mariadb-dump'), args, { environment: server.environment });
    expect(dump).toMatch(/CHANGE MASTER TO MASTER_LOG_FILE='binlog\.\d+'/);
    expect(dump).toContain("(1,'😀')");
  });
});

describe.each([
  ['MinIO', startMinio],
  ['versitygw', startVersitygw],
] as const)('%s', (_name, start) => {
  it('keeps versions, refuses a second manifest and a wrong checksum, and stores again after a crash', async () => {
    const server = await using<S3Server>(start());
    await createBucket(server, 'plain');
    await createBucket(server, 'versioned', 'versioned');
    await createBucket(server, 'locked', 'locked');
    const s3 = client(server);
    for (const Body of ['one', 'two']) await s3.send(new PutObjectCommand({ Bucket: 'versioned', Key: 'a', Body }));
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'versioned' }));
    expect(Versions).toHaveLength(2);

    const manifest = { Bucket: 'plain', Key: 'a.manifest.json', Body: '{}', IfNoneMatch: '*' };
    await s3.send(new PutObjectCommand(manifest));
    await expect(s3.send(new PutObjectCommand(manifest))).rejects.toMatchObject({ name: 'PreconditionFailed' });
    const wrong = { Bucket: 'plain', Key: 'b', Body: 'b', ChecksumSHA256: Buffer.alloc(32).toString('base64') };
    await expect(s3.send(new PutObjectCommand(wrong))).rejects.toMatchObject({ $metadata: { httpStatusCode: 400 } });

    await server.kill();
    await server.restart();
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'plain', Key: 'a.manifest.json' }));
    expect(await Body?.transformToString()).toBe('{}');
  });

  it('refuses to delete what is locked', async () => {
    const server = await using<S3Server>(start());
    await createBucket(server, 'locked', 'locked');
    const s3 = client(server);
    const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: new Date('2090-01-01') } as const;
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket: 'locked', Key: 'a', Body: 'a', ...lock }));
    const removed = s3.send(new DeleteObjectCommand({ Bucket: 'locked', Key: 'a', VersionId }));
    await expect(removed).rejects.toMatchObject({ $fault: 'client' });
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'locked', Key: 'a' }));
    expect(await Body?.transformToString()).toBe('a');
  });
});

describe('MinIO', () => {
  it('encrypts by its key and says so', async () => {
    const server = await using(startMinio());
    await createBucket(server, 'plain');
    const key = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: server.kmsKey } as const;
    await client(server).send(new PutObjectCommand({ Bucket: 'plain', Key: 'a', Body: 'a', ...key }));
    const head = await client(server).send(new HeadObjectCommand({ Bucket: 'plain', Key: 'a' }));
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: expect.stringContaining('hypdr-test') });
  });

  it('holds credentials to the policy that they were made with', async () => {
    const server = await using(startMinio());
    await createBucket(server, 'locked', 'locked');
    const days = 's3:object-lock-remaining-retention-days';
    const below = 'arn:aws:s3:::locked/data/*';
    const writer = await withPolicy(server, {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['s3:PutObject', 's3:PutObjectRetention'], Resource: below },
        { Effect: 'Allow', Action: 's3:GetObject', Resource: `${below}.manifest.json` },
        {
          Effect: 'Deny',
          Action: 's3:PutObjectRetention',
          Resource: below,
          Condition: { NumericGreaterThan: { [days]: '8' } },
        },
      ],
    });
    const s3 = client(server, writer);
    const put = (Key: string) => s3.send(new PutObjectCommand({ Bucket: 'locked', Key, Body: 'a' }));
    const get = (Key: string) => s3.send(new GetObjectCommand({ Bucket: 'locked', Key }));
    const lock = (RetainUntilDate: Date) =>
      s3.send(
        new PutObjectRetentionCommand({
          Bucket: 'locked',
          Key: 'data/a',
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate },
        }),
      );
    await put('data/a');
    await put('data/a.manifest.json');
    expect(await (await get('data/a.manifest.json')).Body?.transformToString()).toBe('a');
    const denied = { name: 'AccessDenied' };
    await expect(put('elsewhere')).rejects.toMatchObject(denied);
    await expect(get('data/a')).rejects.toMatchObject(denied);
    await expect(lock(new Date('2090-01-01'))).rejects.toMatchObject(denied);
    // The server compares with its own clock.
    await lock(new Date(Date.now() + 3 * 86_400_000));
  });
});

describe('azurite', () => {
  it('stores blobs once, and refuses a wrong checksum', async () => {
    const server = await using(startAzurite());
    const service = BlobServiceClient.fromConnectionString(server.environment.AZURE_STORAGE_CONNECTION_STRING);
    const { containerClient: container } = await service.createContainer('backups');
    const blob = container.getBlockBlobClient('a.manifest.json');
    await blob.upload('{}', 2, { conditions: { ifNoneMatch: '*' } });
    await expect(blob.upload('[]', 2, { conditions: { ifNoneMatch: '*' } })).rejects.toMatchObject({ statusCode: 409 });
    const transactionalContentMD5 = new Uint8Array(16);
    await expect(blob.stageBlock('AAAA', 'a', 1, { transactionalContentMD5 })).rejects.toMatchObject({
      code: 'Md5Mismatch',
    });
    await server.restart();
    expect((await blob.downloadToBuffer()).toString()).toBe('{}');
  });
});

describe('fake-gcs-server', () => {
  it('stores objects once, in one request or resumably', async () => {
    const server = await using(startFakeGcs());
    const storage = new Storage({ apiEndpoint: server.endpoint, projectId: 'test' });
    const [bucket] = await storage.createBucket('backups');
    await bucket.file('a.manifest.json').save('{}', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } });
    await expect(
      bucket.file('a.manifest.json').save('[]', { resumable: false, preconditionOpts: { ifGenerationMatch: 0 } }),
    ).rejects.toMatchObject({ code: 412 });
    await bucket.file('b').save(Buffer.alloc(600_000, 'b'), { resumable: true, chunkSize: 262_144 });
    const [content] = await bucket.file('b').download();
    expect(content.equals(Buffer.alloc(600_000, 'b'))).toBe(true);
  });
});

describe('a server', () => {
  it('answers nothing while it is paused', async () => {
    const server = await using(startPostgres());
    server.pause();
    const answer = server.sql('select 1').then(() => 'answered');
    const state = await runProgram('/bin/cat', [`/proc/${server.pid}/stat`]);
    expect(state).toMatch(/^\d+ \(postgres\) T /);
    server.resume();
    expect(await answer).toBe('answered');
  });
});
