import type { TaskManifest } from '../contract';

const WINDOWS_PATH = /^([A-Za-z]:[\\/]|\\\\)/;

/** Paths tell; SQL Server without any is taken for one on Windows, where most of them are. */
export function isOnWindows({ engine, source, local }: Pick<TaskManifest, 'engine' | 'source' | 'local'>): boolean {
  const paths = [...(source.kind === 'files' ? source.paths : []), ...(local ? [local.path] : [])];
  return paths.length > 0 ? paths.some((one) => WINDOWS_PATH.test(one)) : engine === 'sqlserver';
}
