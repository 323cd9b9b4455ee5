import type { TaskManifest } from '../../contract';
import { EngineError } from './engine';
import type { Engine } from './engine';
import { files } from './files';
import { mysql } from './mysql';
import { postgresql } from './postgresql';

/** The engine of a task. */
export async function openEngine({ engine, name }: Pick<TaskManifest, 'engine' | 'name'>): Promise<Engine> {
  switch (engine) {
    case 'postgresql':
      return postgresql;
    case 'files':
      return files;
    case 'mysql':
    case 'mariadb':
      return mysql;
    case 'sqlserver':
      throw new EngineError('config', `task ${name}: this version of the runner has no engine for ${engine}`);
  }
}
