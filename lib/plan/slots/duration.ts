import type { BackupType, EngineName } from '../../contract';

/**
 * Seconds that a run is expected to take when deployment.tasks.<name>.expected_duration does not say it. They are room
 * in the window, not promises: a full run of a database or file set of middling size.
 */
const DEFAULT_SECONDS: Readonly<Record<EngineName, number>> = {
  postgresql: 30 * 60,
  mysql: 30 * 60,
  mariadb: 30 * 60,
  sqlserver: 30 * 60,
  files: 30 * 60,
};

/** Logs are small and frequent. */
const LONGEST_LOG_SECONDS = 5 * 60;

export function expectedSeconds(engine: EngineName, type: BackupType, asked: number | undefined): number {
  const seconds = asked ?? DEFAULT_SECONDS[engine];
  return type === 'log' ? Math.min(seconds, LONGEST_LOG_SECONDS) : seconds;
}
