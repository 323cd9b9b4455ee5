import { block, optional, map, required } from '../structure';
import type { Typed } from '../type';
import { cloudStore } from './cloud-store';
import { databaseSet } from './database';
import { fileSet } from './filesystem';
import { general } from './general';

/** The block `backup`. */
export const backup = block({
  general: required(general, 'when backups run, and of which types'),
  database: optional(map('database', databaseSet), 'databases, by free names', 'none'),
  filesystem: optional(map('file set', fileSet), 'folders of hosts, by free names', 'none'),
  cloud: optional(map('store', cloudStore), 'stores that all data sets are copied to, by free names', 'none'),
});

export type BackupSpec = Typed<typeof backup>;
