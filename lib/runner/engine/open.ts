import type { TaskManifest } from '../../contract';
import type { Engine } from './engine';
import { files } from './files';
import { mysql } from './mysql';
import { postgresql } from './postgresql';
import { sqlserver } from './sqlserver';

/** The engine of a task. */
export async function openEngine({ engine }: Pick<TaskManifest, 'engine'>): Promise<Engine> {
  switch (engine) {
    case 'postgresql':
      return postgresql;
    case 'files':
      return files;
    case 'mysql':
    case 'mariadb':
      return mysql;
    case 'sqlserver':
      return sqlserver;
  }
}
