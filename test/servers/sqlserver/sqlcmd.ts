import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { printed, readBatch } from './batch';
import { readCommandLine } from './command-line';
import type { CommandLine } from './command-line';
import type { ServerState } from './model';
import { ServerError } from './server-error';
import { withState } from './state-file';
import { execute } from './statements';
import type { Outcome } from './statements';

/** A stand-in for `sqlcmd` and for the server behind it, in the words of the ODBC kind and of the Go kind. */

const folder = path.dirname(process.argv[1] ?? '');
const { env } = process;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

function main(argv: readonly string[]): void {
  appendFileSync(path.join(folder, 'calls.jsonl'), `${JSON.stringify({ argv, env })}\n`);
  const variant = withState(folder, (state) => state.variant);
  const asked = readCommandLine(argv, env);
  if (typeof asked === 'string') return end(1, `Sqlcmd: ${asked}`);
  if (asked.help) return void process.stdout.write(BANNERS[variant]);
  if (env.SQLCMDPASSWORD && argv.some((one) => one.includes(env.SQLCMDPASSWORD ?? '')))
    return end(1, 'a password among the arguments');
  const refused = connect(
    asked,
    withState(folder, (state) => state),
  );
  if (refused) return variant === 'odbc' ? end(1, ...refused.map(odbcError)) : say(1, refused[0] ?? '');
  if (asked.query !== undefined) {
    if (asked.query.includes('\n')) return end(1, 'Sqlcmd: a query of several lines');
    const failed = runBatch(asked.query, asked, variant);
    if (failed && asked.exitOnError) process.exitCode = 1;
    return;
  }
  if (asked.input === undefined && variant === 'odbc')
    return end(1, 'Sqlcmd: Warning: The last operation was terminated because the user pressed CTRL+C.');
  const input = asked.input === undefined ? process.stdin : createReadStream(asked.input);
  readLines(input, asked, variant);
}

const BANNERS = {
  odbc: 'Microsoft (R) SQL Server Command Line Tool\nVersion 18.4.0001.1 Linux\nCopyright (C) 2017 Microsoft Corporation. All rights reserved.\n\nusage: sqlcmd            [-U login id]          [-P password]\n',
  go: 'sqlcmd: Install/Create/Query SQL Server, Azure SQL, and Tools\n\nVersion: v1.8.2\n\nFlags:\n-?,--help\n',
};

function odbcError(text: string): string {
  return `Sqlcmd: Error: Microsoft ODBC Driver 18 for SQL Server : ${text}.`;
}

/** @returns why there is no connection */
function connect(asked: CommandLine, state: ServerState): readonly string[] | undefined {
  const { login, certificate, variant } = state;
  if (asked.server !== 'db.example.com,14330' && asked.server !== 'localhost')
    return variant === 'odbc'
      ? [
          'Login timeout expired',
          'A network-related or instance-specific error has occurred while establishing a connection to SQL Server',
        ]
      : [`unable to open tcp connection with host '${asked.server}': dial tcp: lookup ${asked.server}: no such host`];
  const checks = variant === 'odbc' ? !asked.trustCertificate : asked.encrypted && !asked.trustCertificate;
  if (certificate === 'self-signed' && checks)
    return variant === 'odbc'
      ? [
          'SSL Provider: [error:0A000086:SSL routines::certificate verify failed:self-signed certificate]',
          'Client unable to establish connection',
        ]
      : ['TLS Handshake failed: tls: failed to verify certificate: x509: certificate signed by unknown authority'];
  if (asked.trusted || asked.user !== login.user || env.SQLCMDPASSWORD !== login.password)
    return [`${variant === 'go' ? 'mssql: login error: ' : ''}Login failed for user '${asked.user ?? ''}'`];
  return undefined;
}

/** @returns whether an error of level 11 or more came */
function runBatch(text: string, asked: CommandLine, variant: 'odbc' | 'go'): boolean {
  const messages = (line: string) => (asked.messagesToStderr ? process.stderr : process.stdout).write(`${line}\n`);
  try {
    if (!asked.noVariables || !asked.quotedIdentifiers) throw new ServerError(102, 15, '-x and -I are missing');
    const batch = readBatch(text);
    messages('Changed language setting to us_english.');
    const outcome = execute(batch.statement, {
      pid: process.pid,
      database: asked.database ?? 'master',
      turn: (work) => withState(folder, work),
      waitFor: (file) => {
        // A test that has ended leaves nobody waiting.
        while (!existsSync(file) && existsSync(folder)) Atomics.wait(sleeper, 0, 0, 5);
      },
    });
    writeResults(outcome, asked);
    outcome.messages.forEach(messages);
    printed(batch, outcome.answer).forEach(messages);
    return false;
  } catch (error) {
    if (!(error instanceof ServerError)) throw error;
    const { number, level, message, of } = error;
    const all = [
      { number, level, message },
      ...(of ? [{ number: 3013, level: 16, message: `${of} is terminating abnormally.` }] : []),
    ];
    for (const one of all) {
      // The Go kind leaves number and level out where messages go to stderr.
      if (variant === 'odbc' || !asked.messagesToStderr)
        messages(`Msg ${one.number}, Level ${one.level}, State 1, Server DB1, Line 1`);
      messages(one.message);
    }
    return level > 10;
  }
}

function writeResults({ results }: Outcome, { headers, separator, trim }: CommandLine): void {
  for (const { names, rows } of results) {
    const row = (values: readonly string[]) =>
      process.stdout.write(`${values.map((one) => (trim ? one : one.padEnd(40))).join(separator)}\n`);
    if (headers !== -1) {
      row(names);
      row(names.map((name) => '-'.repeat(name.length)));
    }
    rows.forEach(row);
    process.stdout.write('\n');
  }
}

function readLines(input: NodeJS.ReadableStream, asked: CommandLine, variant: 'odbc' | 'go'): void {
  const lines: string[] = [];
  const reader = createInterface({ input, crlfDelay: Infinity });
  reader.on('line', (line) => {
    if (asked.input === undefined) process.stdout.write(`${lines.length + 1}> `);
    if (line.length > 2000) return end(1, 'Sqlcmd: a line that is too long');
    if (/^(:|!!|EXIT|QUIT|ED\b|RESET)/i.test(line)) return end(1, `Sqlcmd: a command: ${line}`);
    if (!/^GO$/i.test(line)) return void lines.push(line);
    const failed = runBatch(lines.splice(0).join('\n'), asked, variant);
    if (failed && asked.exitOnError) {
      process.exitCode = 1;
      process.exit();
    }
  });
}

function end(status: number, ...lines: readonly string[]): void {
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = status;
  process.exit();
}

function say(status: number, line: string): void {
  process.stdout.write(`${line}\n`);
  process.exitCode = status;
}

main(process.argv.slice(2));
