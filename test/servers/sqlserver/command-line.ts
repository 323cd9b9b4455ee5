/** The flags that both kinds of sqlcmd know in the same meaning; everything else is an error here. */
export interface CommandLine {
  readonly help: boolean;
  readonly server: string;
  readonly user: string | undefined;
  readonly trusted: boolean;
  readonly database: string | undefined;
  readonly encrypted: boolean;
  readonly trustCertificate: boolean;
  readonly exitOnError: boolean;
  readonly noVariables: boolean;
  readonly quotedIdentifiers: boolean;
  readonly headers: number;
  readonly separator: string;
  readonly trim: boolean;
  readonly messagesToStderr: boolean;
  readonly query: string | undefined;
  readonly input: string | undefined;
}

const VALUES = ['-S', '-U', '-d', '-l', '-w', '-h', '-s', '-Q', '-i'];
const SWITCHES = ['-E', '-N', '-C', '-b', '-x', '-I', '-W', '-r1', '-?'];

/** @returns what is asked for, or the words of sqlcmd about what is wrong */
export function readCommandLine(argv: readonly string[], environment: NodeJS.ProcessEnv): CommandLine | string {
  const values = new Map<string, string>();
  const switches = new Set<string>();
  for (let at = 0; at < argv.length; at += 1) {
    const flag = argv[at] ?? '';
    if (flag === '') return 'an empty argument, on which sqlcmd of Go panics';
    if (SWITCHES.includes(flag)) {
      // The Go kind takes what follows -N for its value unless it is a flag; as the last argument it has none.
      if (flag === '-N' && argv[at + 1]?.startsWith('-') !== true) return "'-N': Unexpected argument.";
      if (switches.has(flag)) return `'${flag}': given twice`;
      switches.add(flag);
      continue;
    }
    if (!VALUES.includes(flag)) return `'${flag}': Unknown Option. Enter '-?' for help.`;
    const value = argv[at + 1];
    if (value === undefined || value === '') return `'${flag}': Missing argument. Enter '-?' for help.`;
    if (values.has(flag)) return `'${flag}': given twice`;
    values.set(flag, value);
    at += 1;
  }
  if (switches.has('-E') && values.has('-U')) return 'The -E and the -U/-P options are mutually exclusive.';
  if (values.has('-Q') && values.has('-i')) return 'The -i and the -Q options are mutually exclusive.';
  const width = Number(values.get('-w') ?? 80);
  if (!(width > 8 && width < 65536)) return `'-w ${width}': value must be greater than 8 and less than 65536.`;
  return {
    help: switches.has('-?'),
    server: values.get('-S') ?? environment.SQLCMDSERVER ?? '.',
    user: values.get('-U') ?? environment.SQLCMDUSER,
    trusted: switches.has('-E'),
    database: values.get('-d'),
    encrypted: switches.has('-N'),
    trustCertificate: switches.has('-C'),
    exitOnError: switches.has('-b'),
    noVariables: switches.has('-x'),
    quotedIdentifiers: switches.has('-I'),
    headers: Number(values.get('-h') ?? 0),
    separator: values.get('-s') ?? ' ',
    trim: switches.has('-W'),
    messagesToStderr: switches.has('-r1'),
    query: values.get('-Q'),
    input: values.get('-i'),
  };
}
