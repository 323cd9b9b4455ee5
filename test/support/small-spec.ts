/** A spec of one PostgreSQL database in one bucket, with places where a test puts its own text. */
export interface SmallSpec {
  /** Further keys of `types`. */
  readonly types?: string;
  /** The keys of the database set, instead of `type` and `storage`. */
  readonly set?: string;
  /** Further data sets of `database`. */
  readonly database?: string;
  readonly cloud?: string;
  /** Further top-level blocks. */
  readonly blocks?: string;
  readonly window?: string;
}

export const S3 = 's3: { bucket: "acme-backups" region: "eu-west-1" path: "orders/{year}/" }';

export function smallSpec(parts: SmallSpec = {}): string {
  const { types = '', database = '', cloud = '', blocks = '' } = parts;
  const window = parts.window ?? 'start: "02:00" end: "06:00" timezone: "UTC"';
  const set = parts.set ?? `type: "pg_dump" storage: { ${S3} }`;
  return [
    'backup {',
    '  general: {',
    `    backup_window: { ${window} }`,
    `    types: { full: { frequency: "daily" retention: 30 } ${types} }`,
    '  }',
    `  database: { orders: { ${set} } ${database} }`,
    `  cloud: { ${cloud} }`,
    '}',
    blocks,
  ].join('\n');
}
