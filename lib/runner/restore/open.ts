import type { TaskManifest } from '../../contract';
import type { Machine } from '../machine';
import { openFolder } from './files';
import { openMysql } from './mysql';
import { openPostgresql } from './postgresql';
import { openSqlServer } from './sqlserver';
import type { Target, TargetOptions } from './target';

/**
 * Where a task is restored to. Nothing is asked of it yet.
 * @throws EngineError for a target that is none
 */
export async function openTarget(task: TaskManifest, options: TargetOptions, machine: Machine): Promise<Target> {
  switch (task.engine) {
    case 'files':
      return openFolder(task, options, machine);
    case 'postgresql':
      return openPostgresql(task, options, machine);
    case 'mysql':
    case 'mariadb':
      return openMysql(task, options, machine);
    case 'sqlserver':
      return openSqlServer(task, options, machine);
  }
}
