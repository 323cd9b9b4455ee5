import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { startFakeSqlServer } from '../../servers/fake-sqlserver';
import type { FakeSqlServer } from '../../servers/fake-sqlserver';
import { newState } from '../../servers/sqlserver/model';
import type { SeenProcess } from './canary-watch';

/** A model of SQL Server to restore into, with a password of its own. */
export interface CanaryTarget {
  readonly server: FakeSqlServer;
  readonly password: string;
  /** What a restore into it is given beside its target; PATH leads to this server's sqlcmd. */
  environment(folder: string): Readonly<Record<string, string>>;
  /** Every start of its sqlcmd since the last call of this. */
  take(): readonly SeenProcess[];
}

export async function startCanaryTarget(): Promise<CanaryTarget> {
  const server = startFakeSqlServer();
  const password = `canary-target-$(x)'];-${randomBytes(9).toString('hex')}`;
  server.state((state) => Object.assign(state, newState(password)));
  return {
    ...{ server, password },
    environment: (folder) => {
      const shared = path.join(folder, 'shared');
      mkdirSync(shared, { recursive: true });
      const own = { PATH: server.environment.PATH, HYPDR_RESTORE_SQLSERVER_FOLDER: shared };
      return { ...own, HYPDR_RESTORE_PASSWORD: password };
    },
    take: () =>
      server.calls().map(({ argv, env }) => ({
        argv: ['sqlcmd', ...argv],
        environment: Object.entries(env)
          .map(([name, value]) => `${name}=${value}`)
          .join('\0'),
      })),
  };
}
