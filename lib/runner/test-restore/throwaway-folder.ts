import path from 'node:path';
import type { TaskManifest } from '../../contract';
import { inspectFolder } from './inspect-folder';
import type { ThrowAway, ThrowAwayOptions } from './throwaway';

/** A folder that nobody but this process looks into. */
export function folderForFiles(task: TaskManifest, { folder }: ThrowAwayOptions): ThrowAway {
  const target = path.join(folder.path, 'restored');
  return { target, tools: {}, inspection: inspectFolder(task, target), stop: () => Promise.resolve() };
}
