const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
const PATTERN = /^(\d{1,9})(s|m|h|d)$/;

/** A length of time in whole seconds. Conversions that would round answer `undefined`. */
export class Duration {
  private constructor(readonly seconds: number) {}

  static seconds(seconds: number): Duration {
    return new Duration(seconds);
  }
  static minutes(minutes: number): Duration {
    return new Duration(minutes * SECONDS.m);
  }
  static hours(hours: number): Duration {
    return new Duration(hours * SECONDS.h);
  }
  static days(days: number): Duration {
    return new Duration(days * SECONDS.d);
  }

  /** Reads `30s`, `15m`, `4h`, `2d`; anything else, zero included, is `undefined`. */
  static parse(text: string): Duration | undefined {
    const match = PATTERN.exec(text);
    const amount = Number(match?.[1] ?? 0);
    return amount > 0 ? new Duration(amount * SECONDS[match?.[2] as keyof typeof SECONDS]) : undefined;
  }

  toWholeDays(): number | undefined {
    return this.seconds % SECONDS.d === 0 ? this.seconds / SECONDS.d : undefined;
  }

  plus(other: Duration): Duration {
    return new Duration(this.seconds + other.seconds);
  }

  isLongerThan(other: Duration): boolean {
    return this.seconds > other.seconds;
  }

  /** `4h15m`, `36h`, `2d`: up to two units, days only for whole days. */
  toString(): string {
    if (this.seconds > 0 && this.seconds % SECONDS.d === 0) return `${this.seconds / SECONDS.d}d`;
    const hours = Math.floor(this.seconds / SECONDS.h);
    const minutes = Math.floor((this.seconds % SECONDS.h) / SECONDS.m);
    const seconds = this.seconds % SECONDS.m;
    const parts = [hours ? `${hours}h` : '', minutes ? `${minutes}m` : '', seconds ? `${seconds}s` : ''];
    return parts.join('') || '0s';
  }
}
