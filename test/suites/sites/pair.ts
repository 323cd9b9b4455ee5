import { PutObjectCommand } from '@aws-sdk/client-s3';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { renderPrimaryConfig, renderStandbyConfig } from '../../../lib/hosts/standby/config';
import type { PrimaryMachine, StandbyMachine } from '../../../lib/hosts/standby';
import { renderPrimaryScript, renderStandbyScript } from '../../../lib/hosts/standby';
import { freePort } from '../../servers/free-port';
import { startMinio } from '../../servers/minio';
import type { MinioServer } from '../../servers/minio';
import { startMoto } from '../../servers/moto';
import type { MotoServer } from '../../servers/moto';
import { REGION, createBucket, s3Client } from '../../servers/s3';
import { Machine, VERSION } from './machine';

export const LEASE_SECONDS = 4;
const SECRET = 'hypnoscript/orders/replication';
const PASSWORD = `a:b\\c'd"e$f`;

/** A primary, a standby of it, and a third place: a real S3 server. */
export class Pair {
  readonly #name: string;

  private constructor(
    readonly folder: string,
    readonly primary: Machine,
    readonly standby: Machine,
    readonly minio: MinioServer,
    readonly moto: MotoServer,
    readonly slot: string,
    readonly asked: StandbyMachine,
  ) {
    this.#name = slot;
  }

  static async start(
    { minio, moto }: { readonly minio: MinioServer; readonly moto: MotoServer },
    slot: string,
    method: StandbyMachine['method'],
    archive: (bucket: string) => string = () => '',
  ): Promise<Pair> {
    const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-site-'));
    chmodSync(folder, 0o755);
    const [port, other] = [await freePort(), await freePort()];
    await createBucket(minio, slot.replaceAll('_', '-'));
    const lease = { url: `${minio.endpoint}/${slot.replaceAll('_', '-')}/lease`, seconds: LEASE_SECONDS };
    const shared = {
      site: slot,
      cloud: 'aws' as const,
      region: REGION,
      version: VERSION,
      method,
      slot,
      database: 'postgres',
      secret: SECRET,
      lease,
      ...(method === 'log_shipping' && {
        archive: { cloud: 'aws' as const, store: slot.replaceAll('_', '-'), region: REGION, path: 'log' },
      }),
    } satisfies Partial<StandbyMachine>;
    const primary: PrimaryMachine = {
      ...shared,
      standbyRange: '127.0.0.1/32',
      slotKeepsGB: 1,
      folder: path.join(folder, 'primary/mount/postgresql'),
      port,
    };
    const standby: StandbyMachine = {
      ...shared,
      primary: { host: '127.0.0.1', port },
      volumeGiB: 1,
      metric: { namespace: 'HypnoScript/Site', name: 'LagSeconds', site: `acme-${slot}` },
    };
    const environment = {
      AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: moto.endpoint,
      AWS_ENDPOINT_URL_CLOUDWATCH: moto.endpoint,
      HYPDR_ARCHIVE: archive(slot.replaceAll('_', '-')),
    };
    const pair = new Pair(
      folder,
      new Machine(path.join(folder, 'primary'), port, environment, {
        config: renderPrimaryConfig(primary),
        script: renderPrimaryScript('aws'),
      }),
      new Machine(path.join(folder, 'standby'), other, environment, {
        config: renderStandbyConfig(standby),
        script: renderStandbyScript('aws'),
      }),
      minio,
      moto,
      slot,
      standby,
    );
    await moto.put(SECRET, JSON.stringify({ username: 'hypdr_replication', password: PASSWORD }));
    await pair.lease('granted', 1);
    return pair;
  }

  /** Bucket with the lease. */
  get leaseBucket(): string {
    return this.#name.replaceAll('_', '-');
  }

  readonly standbyScript = renderStandbyScript('aws');

  /** `site.conf` of the standby with another way to the primary. */
  standbyConfig(primary: StandbyMachine['primary'], slot = this.slot): string {
    return renderStandbyConfig({ ...this.asked, primary, slot });
  }

  /** Writes the lease, as an activation does. */
  async lease(word: 'granted' | 'revoked', term: number): Promise<void> {
    const client = s3Client(this.minio);
    try {
      const Body = `${word} ${term} ${Math.floor(Date.now() / 1000)}\n`;
      await client.send(new PutObjectCommand({ Bucket: this.#name.replaceAll('_', '-'), Key: 'lease', Body }));
    } finally {
      client.destroy();
    }
  }

  /** The primary as its operator sets it up: once, a restart, and again. */
  async setUp(): Promise<void> {
    await this.primary.initialise('');
    const first = await this.primary.run(['setup']);
    if (first.code === 3) await this.primary.pgCtl('restart');
    const second = await this.primary.run(['setup']);
    if (second.code !== 0) throw new Error(`${first.err}${second.out}${second.err}`);
  }

  async stop(): Promise<void> {
    await Promise.all([this.primary.stop(), this.standby.stop()]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function startPlaces(): Promise<{ readonly minio: MinioServer; readonly moto: MotoServer }> {
  const [minio, moto] = await Promise.all([startMinio(), startMoto()]);
  return { minio, moto };
}
