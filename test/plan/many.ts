import { AWS_STORE, TYPES, s3, spec } from './support';

/**
 * Databases with a place of their own and one in a shared store, every fourth with a folder.
 * @param hosts - so many of which one runs on a host. @default 10
 * @param validation - of each of them. @default - the spec says nothing
 */
export function many(count: number, shards: number, hosts = 10, validation = ''): string {
  const names = Array.from({ length: count }, (_, index) => `orders${String(index).padStart(4, '0')}`);
  const kind = (index: number, every: number) => index % every === every - 1;
  const local = (name: string, index: number) => (kind(index, 4) ? `local: { path: "/srv/${name}" }` : '');
  return spec({
    window: 'start: "00:30" end: "06:00" timezone: "Europe/Berlin"',
    types: TYPES,
    database: names
      .map(
        (name, index) =>
          `${name}: { type: "pg_dump" ${validation} storage: { ${s3('acme-own', `${name}/`)} ${local(name, index)} } }\n`,
      )
      .join(''),
    cloud: AWS_STORE,
    deployment: `task_shards: ${shards} tasks: { ${names
      .filter((_, index) => kind(index, hosts))
      .map((name) => `${name}: { host: "hosts:role=${name}" }`)
      .join(' ')} }`,
  });
}
