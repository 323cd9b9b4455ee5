import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TaskManifest } from '../../../lib/contract';
import { SECRETS } from './canary-servers';
import type { CanaryServers } from './canary-servers';
import { Sampler, filesBelow, leaksInProcess, leaksInText, makeShims } from './canary-watch';
import type { Canary, Leak, SeenProcess, Shims } from './canary-watch';
import { slotAt } from './file-task';
import { bundleRunner, startRunner } from './program-run';
import type { Ran } from './program-run';

type Changes = Readonly<Record<string, string | undefined>>;

export interface Watched extends Ran {
  readonly processes: readonly SeenProcess[];
  readonly leaks: readonly Leak[];
  /** Modes and names of the files of the state, as the hooks found them while it ran. */
  readonly modes: readonly string[];
}

/** A machine on which every secret is planted at once, and on which each run of the program is watched. */
export interface CanaryMachine {
  readonly folder: string;
  readonly canaries: readonly Canary[];
  /** A command line for hooks, which takes the hook's name and says all that it knows. */
  readonly hook: string;
  readonly identityFile: string;
  /** Public key of the planted age identity. */
  readonly recipient: string;
  /** One start of the program. Variables that are `undefined` are taken away. */
  watch(task: TaskManifest, command: readonly string[], changes?: Changes): Promise<Watched>;
  remove(): void;
}

/** What a suite plants beside that. */
export interface MorePlanted {
  readonly canaries?: readonly Canary[];
  readonly environment?: Readonly<Record<string, string>>;
}

export async function makeMachine(servers: CanaryServers, more: MorePlanted = {}): Promise<CanaryMachine> {
  const folder = mkdtempSync(path.join(tmpdir(), 'hypdr-canaries-'));
  const program = bundleRunner(folder);
  const shims = makeShims(folder, realPrograms(servers));
  const [hooks, state] = [path.join(folder, 'hooks'), path.join(folder, 'state')];
  for (const one of [hooks, state]) mkdirSync(one);
  const hook = writeHook(folder, hooks, shims);
  const identityFile = path.join(folder, 'identity.txt');
  execFileSync('age-keygen', ['-o', identityFile], { stdio: 'pipe' });
  const recipient = execFileSync('age-keygen', ['-y', identityFile], { encoding: 'utf8' }).trim();
  const environment = {
    PATH: `${shims.bin}:/usr/bin:/bin`,
    HOME: folder,
    ...plant(folder, servers, { identityFile, shims }),
    ...more.environment,
  };
  const identity = [...filesBelow(folder)].find(({ file }) => file === identityFile)?.text ?? '';
  const canaries = [...canariesOf(servers, identity), ...(more.canaries ?? [])];
  for (const { name, value } of canaries) if (value.length < 12) throw new Error(`${name} is no canary`);
  let day = 0;
  return {
    ...{ folder, canaries, hook, identityFile, recipient },
    remove: () => rmSync(folder, { recursive: true, force: true }),
    watch: async (task, command, changes = {}) => {
      const file = path.join(folder, `${task.name}.json`);
      writeFileSync(file, JSON.stringify(task));
      const host = { folder, state, environment: defined({ ...environment, ...changes }) };
      const planned = command[0] === 'backup' && !['--dry-run', '--slot'].some((one) => command.includes(one));
      const slot = planned ? ['--slot', slotAt((day += 1))] : [];
      const running = startRunner(program, host, [...command, '--task', file, ...slot]);
      const sampler = new Sampler();
      const looks = await sampler.watch(running.child.pid ?? 0, running.ended);
      if (looks < 10) throw new Error(`the sampler looked ${looks} times only`);
      const ran = await running.ended;
      const processes = [...shims.take(), ...sampler.seen];
      const others = canaries.filter(({ value }) => value !== SECRETS.hook);
      const leaks = [
        ...leaksInText(ran.stdout, 'standard output', canaries),
        ...leaksInText(ran.stderr, 'standard error', canaries),
        ...processes.flatMap((one) => leaksInProcess(one, canaries)),
        ...[...filesBelow(state)].flatMap((one) => leaksInText(one.text, one.file, canaries)),
        ...[...filesBelow(hooks)].flatMap((one) => leaksInText(one.text, one.file, others)),
      ];
      const modes = [...filesBelow(hooks)].flatMap(({ file: name, text }) => (name.endsWith('.modes') ? [text] : []));
      rmSync(hooks, { recursive: true });
      mkdirSync(hooks);
      return { ...ran, processes, leaks, modes: modes.join('').split('\n') };
    },
  };
}

function defined(changes: Changes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(changes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

/** What a run may start, and what its libraries might: those ask the network for identities, and fail at once here. */
function realPrograms({ sqlserver }: CanaryServers): Record<string, string | undefined> {
  const names = [
    ...['psql', 'pg_dump', 'pg_dumpall', 'mariadb', 'mariadb-dump', 'mariadb-binlog', 'my_print_defaults'],
    ...['pg_restore', 'tar', 'zstd', 'flock', 'cat', 'sync'],
  ];
  const real = names.map((name) => [name, execFileSync('which', [name], { encoding: 'utf8' }).trim()]);
  const fakes = ['az', 'azd', 'pwsh', 'powershell', 'gcloud', 'aws'].map((name) => [name, undefined]);
  const sqlcmd = path.join(sqlserver.server.environment.PATH.split(path.delimiter)[0] ?? '', 'sqlcmd');
  return Object.fromEntries([...real, ...fakes, ['sqlcmd', sqlcmd]]) as Record<string, string | undefined>;
}

function writeHook(folder: string, records: string, shims: Shims): string {
  const file = path.join(folder, 'hook.sh');
  const lines = [
    '#!/bin/sh',
    ...shims.record('hook'),
    `export -p > "${records}/$1-$$.environment"`,
    `find "$HYPDR_HOOK_STATE" -type f -printf '%m %P\\n' > "${records}/$1-$$.modes"`,
    'echo "the hook says $HYPDR_HOOK_TOKEN" >&2',
    'test "$HYPDR_HOOK_FAIL" != "$1"',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o700 });
  return file;
}

/** Everything that everybody's variables and files can hold, set at once. */
function plant(
  folder: string,
  servers: CanaryServers,
  { identityFile, shims }: { readonly identityFile: string; readonly shims: Shims },
): Record<string, string> {
  const { postgres, mariadb, sqlserver, minio, azurite, gcs } = servers;
  const write = (name: string, text: string, mode = 0o600) => {
    const file = path.join(folder, name);
    writeFileSync(file, text, { mode });
    return file;
  };
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey } = minio.credentials;
  const keys = JSON.stringify({ Version: 1, AccessKeyId, SecretAccessKey });
  const helper = write('helper.sh', ['#!/bin/sh', ...shims.record('helper'), `echo '${keys}'`, ''].join('\n'), 0o700);
  const google = { type: 'service_account', client_email: 'a@b', project_id: 'acme', private_key: SECRETS.googleKey };
  return {
    ...{ ...postgres.environment, ...mariadb.environment, MYSQL_PWD: mariadb.password },
    ...{ SQLCMDPASSWORD: sqlserver.server.password, ...minio.environment, ...azurite.environment, ...gcs.environment },
    AWS_CONFIG_FILE: write('aws.config', `[profile helper]\ncredential_process = ${helper}\n`),
    GOOGLE_APPLICATION_CREDENTIALS: write('google.json', JSON.stringify(google)),
    HYPDR_AGE_IDENTITY_FILE: identityFile,
    HYPDR_HOOK_TOKEN: SECRETS.hook,
    HYPDR_HOOK_STATE: path.join(folder, 'state'),
    GITHUB_TOKEN: SECRETS.stray,
    DATABASE_URL: `postgres://u:${SECRETS.stray}@db/shop`,
  };
}

function canariesOf({ postgres, mariadb, sqlserver, minio, azurite, moto }: CanaryServers, identity: string) {
  const canaries: readonly Canary[] = [
    { name: "PostgreSQL's password", value: postgres.password, seenBy: ['psql', 'pg_dump', 'pg_dumpall'] },
    { name: "a weak role's password", value: SECRETS.weak, seenBy: ['psql'] },
    { name: 'a wrong password', value: SECRETS.wrong, seenBy: ['psql', 'sqlcmd'] },
    { name: "MariaDB's password", value: mariadb.password },
    { name: "SQL Server's password", value: sqlserver.server.password, seenBy: ['sqlcmd'] },
    { name: "S3's secret key", value: minio.credentials.secretAccessKey },
    { name: "moto's secret key", value: moto.environment.AWS_SECRET_ACCESS_KEY ?? '' },
    { name: "Azure's account key", value: /AccountKey=([^;]+)/.exec(azurite.connectionString())?.[1] ?? '' },
    { name: "Google's private key", value: SECRETS.googleKey },
    { name: "Azure's token", value: SECRETS.azureToken },
    { name: "Google's token", value: SECRETS.googleToken },
    { name: 'the age identity', value: /AGE-SECRET-KEY-\S+/.exec(identity)?.[0] ?? '' },
    { name: 'the token of the hooks', value: SECRETS.hook, seenBy: ['hook.sh', 'find'] },
    { name: 'a token of somebody else', value: SECRETS.stray },
    { name: 'a broken secret', value: SECRETS.broken },
  ];
  return canaries;
}
