import type { TaskManifest } from '../../contract';
import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { openFolder } from './files';
import { openMysql } from './mysql';
import { openPostgresql } from './postgresql';
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
      throw new EngineError('config', `${task.engine} is restored by plain tools`, 'docs/runner.md says how');
  }
}
