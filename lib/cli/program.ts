import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT } from './exit-code';
import type { ExitCode } from './exit-code';
import type { Host } from './host';
import { BadInvocation } from './load';

/**
 * The command line `hypdr`. Each command's module is loaded when it is called, so that `check` never loads a CDK.
 * @returns the exit code; expected failures are codes, bugs throw
 */
export async function run(argv: readonly string[], host: Host): Promise<ExitCode> {
  let exit: ExitCode = EXIT.fine;
  const program = new Command('hypdr')
    .description('backups and disaster recovery from one spec: check it, plan it, turn it into infrastructure')
    .version(host.version)
    .exitOverride()
    .configureOutput({ writeOut: host.stdout, writeErr: host.stderr })
    .showHelpAfterError('(hypdr --help lists the commands)');
  const command = (name: string, description: string, example: string) => {
    const added = program.command(name).description(description);
    added.addHelpText('after', `\nExample:\n  $ ${example}\n`);
    return added;
  };
  const specCommand = (name: string, description: string, example: string) =>
    command(name, description, example)
      .argument(
        '[paths...]',
        'specs: .hyp files, .md files with ```hyp fences, or folders (default: context.spec of cdk.json)',
      )
      .option('--strict-env', 'a key or URL whose env.NAME is not set is an error')
      .addOption(new Option('--today <date>', 'day by which acknowledgements are judged').argParser(dateArgument));

  command('init', 'write a commented spec, bindings, cdk.json and cdktf.json', 'npx hypdr init')
    .argument('[folder]', 'folder to write to', '.')
    .action(async (folder: string) => {
      exit = await (await import('./init.js')).init(folder, host);
    });
  specCommand('check', 'findings, worst first', 'npx hypdr check backup.hyp --fail-on warning')
    .addOption(formatOption(['text', 'json', 'sarif']))
    .addOption(
      new Option('--fail-on <severity>', 'exit with 5 at this severity or worse')
        .choices(['error', 'warning', 'note', 'none'])
        .default('none'),
    )
    .action(async (paths: string[], options) => {
      exit = (await import('./check.js')).check(paths, options, host);
    });
  specCommand('plan', 'what the spec resolves to', 'npx hypdr plan --format json')
    .addOption(formatOption(['text', 'json']))
    .action(async (paths: string[], options) => {
      exit = (await import('./plan.js')).plan(paths, options, host);
    });
  specCommand('schedule', 'every run, with its start', 'npx hypdr schedule --from 2027-03-25 --days 7 --format ics')
    .addOption(
      new Option('--from <date>', 'first date, in the zone of the window (default: today)').argParser(dateArgument),
    )
    .addOption(new Option('--days <number>', 'how many dates').argParser(daysArgument).default(7))
    .addOption(formatOption(['text', 'json', 'ics']))
    .action(async (paths: string[], options) => {
      exit = (await import('./schedule.js')).schedule(paths, options, host);
    });
  specCommand('synth', 'templates for all clouds, task manifests, plan and trace', 'npx hypdr synth my.hyp --out out')
    .requiredOption('--out <folder>', 'folder to write to; the last synth in it is replaced')
    .action(async (paths: string[], options) => {
      exit = await (await import('./synth.js')).synth(paths, options, host);
    });
  specCommand('trace', 'every value of the spec: what it became, or why nothing', 'npx hypdr trace --format json')
    .addOption(formatOption(['text', 'json']))
    .action(async (paths: string[], options) => {
      exit = await (await import('./trace.js')).trace(paths, options, host);
    });
  const drill = program.command('drill').description('emergencies, rehearsed on this machine');
  drill
    .command('restore')
    .description('from a stored backup to a running throw-away database, with times beside the estimates of the spec')
    .argument('[paths...]', 'specs, as for every command')
    .addHelpText('after', '\nExample:\n  $ npx hypdr drill restore my.hyp --task orders\n')
    .requiredOption('--task <name>', 'data set that is restored')
    .option('--store <id...>', 'only these places')
    .option('--record-key <key>', 'key that signs the record (default: HYPDR_RECORD_KEY)')
    .option('--scratch <folder>', 'folder with room for the backup and its data (default: a temporary one)')
    .addOption(formatOption(['text', 'json']))
    .action(async (paths: string[], options) => {
      exit = await (await import('./drill.js')).drill(paths, options, host);
    });
  command('explain', 'the page of a diagnostic', 'npx hypdr explain DR3010')
    .argument('<code>', 'code of the diagnostic')
    .action(async (code: string) => {
      exit = (await import('./explain.js')).explain(code, host);
    });

  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exit;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.badInvocation;
    if (!(error instanceof BadInvocation)) throw error;
    host.stderr(`hypdr: ${error.message}\n`);
    return EXIT.badInvocation;
  }
}

function formatOption(formats: readonly string[]): Option {
  return new Option('--format <format>', 'shape of the output').choices(formats).default('text');
}

function dateArgument(text: string): string {
  const date = new Date(`${text}T00:00:00Z`);
  const real = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || !real)
    throw new InvalidArgumentError('a date such as 2027-03-31 is needed.');
  return text;
}

function daysArgument(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 366)
    throw new InvalidArgumentError('a number of days from 1 to 366 is needed.');
  return days;
}
