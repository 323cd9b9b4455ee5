/** Most that is kept of what a tool says: its first words name the cause, its last ones the end. */
const HEAD_BYTES = 16 * 1024;
const TAIL_BYTES = 48 * 1024;

/** Replaces every secret, as it is and as it stands in a URL. Longer ones first, since one may be a part of another. */
export function scrub(text: string, secrets: readonly string[]): string {
  const shapes = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]).filter((one) => one.length > 0);
  return [...new Set(shapes)]
    .sort((a, b) => b.length - a.length)
    .reduce((rest, one) => rest.split(one).join('***'), text);
}

/**
 * Lines of a tool's stderr, of which a bounded part is kept. What is cut falls on whole lines: half a secret at a cut
 * would pass unseen by the scrubber.
 */
export class TalkCapture {
  private head: string[] = [];
  private headBytes = 0;
  private tail: string[] = [];
  private tailBytes = 0;
  private dropped = 0;
  private rest = '';

  constructor(
    private readonly secrets: readonly string[],
    private readonly onLine: (line: string) => void = () => undefined,
  ) {}

  add(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.keep(line);
    if (this.rest.length > TAIL_BYTES) {
      this.dropped += 1;
      this.rest = '';
    }
  }

  end(): void {
    if (this.rest) this.keep(this.rest);
    this.rest = '';
  }

  text(): string {
    const cut = this.dropped > 0 ? [`... ${this.dropped} lines left out ...`] : [];
    return [...this.head, ...cut, ...this.tail].join('\n');
  }

  private keep(raw: string): void {
    const line = scrub(raw.replace(/\r$/, ''), this.secrets);
    this.onLine(line);
    if (this.tail.length === 0 && this.headBytes + line.length <= HEAD_BYTES) {
      this.head.push(line);
      this.headBytes += line.length;
      return;
    }
    this.tail.push(line);
    this.tailBytes += line.length;
    while (this.tailBytes > TAIL_BYTES) {
      this.tailBytes -= this.tail.shift()?.length ?? 0;
      this.dropped += 1;
    }
  }
}
