import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Machine } from '../machine';
import { EngineError } from './engine';
import type { SourceLock } from './engine';
import type { SqlServerSession } from './sqlserver-session';
import { literal } from './sqlserver-statement';

export type LockKind = 'data' | 'log';

/**
 * Application locks of the server, owned by the session that took them.
 * https://learn.microsoft.com/sql/relational-databases/system-stored-procedures/sp-getapplock-transact-sql
 */
export interface SourceLocks {
  take(kind: LockKind): Promise<SourceLock | 'held'>;
  /** What is held now. */
  readonly held: ReadonlySet<LockKind>;
  /** @throws EngineError where one was lost: a run without its lock may have run beside another */
  check(): Promise<void>;
}

const Taken = z.object({ result: z.int(), working: z.int() });
const Mode = z.object({ mode: z.string().nullable() });

export function sourceLocks(control: SqlServerSession, task: string, machine: Pick<Machine, 'log'>): SourceLocks {
  const held = new Set<LockKind>();
  return {
    held,
    take: async (kind) => {
      const { result, working } = await control.ask('the lock of the source', takeLock(task, kind), Taken);
      if (result < 0) return 'held';
      if (working === 0) {
        await control.ask('the lock of the source', releaseLock(task, kind), z.unknown()).catch(() => undefined);
        const message = 'a backup that an earlier run of this task began is still being written by the server';
        machine.log({ level: 'warning', event: 'earlier_backup', message, task });
        return 'held';
      }
      held.add(kind);
      return {
        release: async () => {
          held.delete(kind);
          // A session that is gone has released it.
          await control.ask('the lock of the source', releaseLock(task, kind), z.unknown()).catch(() => undefined);
        },
      };
    },
    check: async () => {
      for (const kind of held) {
        const answer = await control.ask('the lock of the source', lockMode(task, kind), Mode).catch(() => undefined);
        if (answer?.mode !== 'Exclusive')
          throw new EngineError('retry', "the source's lock was lost while the run was under way");
      }
    },
  };
}

/** At most 255 characters, compared byte by byte. */
export function lockName(task: string, kind: LockKind): string {
  return `hypdr ${kind} ${createHash('sha256').update(task).digest('hex').slice(0, 40)}`;
}

/**
 * Held by each connection in which the server writes a backup: a run that was killed frees its own lock, while the server
 * writes on to the end of that backup. Nobody should begin another one beside it.
 */
export function workLockName(task: string, kind: LockKind): string {
  return `hypdr work ${lockName(task, kind).slice('hypdr '.length)}`;
}

function takeLock(task: string, kind: LockKind): string {
  return [
    'DECLARE @result int;',
    getLock('@result', lockName(task, kind)),
    `SET @answer = (SELECT @result AS [result], APPLOCK_TEST(N'public', ${literal(workLockName(task, kind))}, N'Exclusive', N'Session') AS [working] FOR JSON PATH, WITHOUT_ARRAY_WRAPPER);`,
  ].join(' ');
}

function releaseLock(task: string, kind: LockKind): string {
  return `EXEC sys.sp_releaseapplock @Resource = ${literal(lockName(task, kind))}, @LockOwner = N'Session', @DbPrincipal = N'public';`;
}

function lockMode(task: string, kind: LockKind): string {
  return `SET @answer = (SELECT APPLOCK_MODE(N'public', ${literal(lockName(task, kind))}, N'Session') AS [mode] FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER);`;
}

/** Takes a lock or says at once that it cannot be had, by a number below zero. */
export function getLock(variable: string, name: string): string {
  return `EXEC ${variable} = sys.sp_getapplock @Resource = ${literal(name)}, @LockMode = N'Exclusive', @LockOwner = N'Session', @LockTimeout = 0, @DbPrincipal = N'public';`;
}
