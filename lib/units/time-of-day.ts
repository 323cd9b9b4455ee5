const PATTERN = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** A time on the wall clock, to the minute. */
export class TimeOfDay {
  private constructor(readonly minutes: number) {}

  /** Reads `00:00` to `23:59`. */
  static parse(text: string): TimeOfDay | undefined {
    const match = PATTERN.exec(text);
    return match ? new TimeOfDay(Number(match[1]) * 60 + Number(match[2])) : undefined;
  }

  static minutes(minutes: number): TimeOfDay {
    return new TimeOfDay(((minutes % 1440) + 1440) % 1440);
  }

  toString(): string {
    const two = (value: number) => String(value).padStart(2, '0');
    return `${two(Math.floor(this.minutes / 60))}:${two(this.minutes % 60)}`;
  }
}
