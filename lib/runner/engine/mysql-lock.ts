import { createHash } from 'node:crypto';
import { EngineError } from './engine';
import type { SourceLock } from './engine';
import { literal } from './mysql-session';
import type { MysqlSession } from './mysql-session';

/** Named locks of the server (https://mariadb.com/kb/en/get_lock/), bound to the session that took them. */
export interface SourceLocks {
  take(kind: 'data' | 'log'): Promise<SourceLock | 'held'>;
  /** @throws EngineError where one was lost: a run without its lock may have run beside another */
  check(): Promise<void>;
}

export function sourceLocks(control: MysqlSession, task: string): SourceLocks {
  const held = new Set<string>();
  return {
    take: async (kind) => {
      const name = lockName(task, kind);
      const [row] = await control.query(`SELECT GET_LOCK(${literal(name)}, 0)`);
      if (row?.[0] !== '1') return 'held';
      held.add(name);
      return {
        release: async () => {
          held.delete(name);
          // A session that is gone has released it.
          await control.query(`SELECT RELEASE_LOCK(${literal(name)})`).catch(() => undefined);
        },
      };
    },
    check: async () => {
      for (const name of held) {
        const [row] = await control.query(`SELECT IS_USED_LOCK(${literal(name)}) = CONNECTION_ID()`).catch(() => []);
        if (row?.[0] !== '1') throw new EngineError('retry', "the source's lock was lost while the run was under way");
      }
    },
  };
}

/** A name has 64 characters at most. */
export function lockName(task: string, kind: 'data' | 'log'): string {
  return `hypdr ${kind} ${createHash('sha256').update(task).digest('hex').slice(0, 40)}`;
}
