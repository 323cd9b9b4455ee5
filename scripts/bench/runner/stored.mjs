import { quoted } from './run-measured.mjs';
import { BUCKET } from './world.mjs';

/** Calls `work` with a client of the store, and every key in the bucket. */
async function withKeys({ kit, minio }, work) {
  const client = kit.s3Client(minio);
  try {
    const { Contents = [] } = await client.send(new kit.ListObjectsV2Command({ Bucket: BUCKET }));
    return await work(
      client,
      Contents.map(({ Key }) => Key),
    );
  } finally {
    client.destroy();
  }
}

export function emptyBucket(world) {
  return withKeys(world, async (client, keys) => {
    if (keys.length === 0) return;
    const Delete = { Objects: keys.map((Key) => ({ Key })) };
    await client.send(new world.kit.DeleteObjectsCommand({ Bucket: BUCKET, Delete }));
  });
}

/** Words of the shell that write the one backup's stream of a format, its segments one after the other. */
export function readStream(world, format) {
  return withKeys(world, async (client, keys) => {
    const key = keys.find((one) => !one.startsWith('_') && one.endsWith('.manifest.json'));
    const { Body } = await client.send(new world.kit.GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const manifest = JSON.parse(await Body.transformToString());
    const stream = manifest.streams.filter((one) => one.format === format).at(-1);
    const folder = key.replace(/\.manifest\.json$/, `-${manifest.attempt}`);
    const copies = stream.encodings[0].segments.map(
      ({ name }) => `${world.aws} s3 cp --quiet ${quoted(`s3://${BUCKET}/${folder}/${name}`)} -`,
    );
    return `{ ${copies.join(' && ')}; }`;
  });
}
