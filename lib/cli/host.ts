/** The machine as commands see it: handed in by bin, so that nothing else reads the environment or the clock. */
export interface Host {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Data, and nothing but data. */
  readonly stdout: (text: string) => void;
  /** Talk. */
  readonly stderr: (text: string) => void;
  readonly colour: 'colour' | 'plain';
  /** `YYYY-MM-DD` */
  readonly today: string;
  readonly version: string;
  /** Folder of this package, with the specs that it ships. */
  readonly packageRoot: string;
}
