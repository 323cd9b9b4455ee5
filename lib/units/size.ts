const POWERS = { KB: 1, MB: 2, GB: 3, TB: 4 } as const;
const PATTERN = /^(\d{1,7}(?:\.\d{1,3})?)(KB|MB|GB|TB)$/;

/** An amount of storage as the spec writes it; the two readings differ, and neither may cost the user. */
export class Size {
  private constructor(
    private readonly amount: number,
    private readonly unit: keyof typeof POWERS,
  ) {}

  /** Reads `100GB`, `1.5TB`; anything else, zero included, is `undefined`. */
  static parse(text: string): Size | undefined {
    const match = PATTERN.exec(text);
    const amount = Number(match?.[1] ?? 0);
    return amount > 0 ? new Size(amount, match?.[2] as keyof typeof POWERS) : undefined;
  }

  /** Bytes of a cap such as `max_size`: 10^9 based, never larger than asked. */
  toCapBytes(): number {
    return Math.floor(this.amount * 1000 ** POWERS[this.unit]);
  }

  /** GiB of a provisioned disk: never smaller than asked. */
  toProvisionedGibibytes(): number {
    return Math.ceil((this.amount * 1024 ** POWERS[this.unit]) / 1024 ** 3);
  }

  toString(): string {
    return `${this.amount}${this.unit}`;
  }
}
