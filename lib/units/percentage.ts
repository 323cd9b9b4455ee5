const PATTERN = /^(\d{1,3}(?:\.\d{1,2})?)%$/;

/** Reads `50%` as 50, from above 0 to 100. */
export function parsePercentage(text: string): number | undefined {
  const match = PATTERN.exec(text);
  const value = Number(match?.[1] ?? 0);
  return value > 0 && value <= 100 ? value : undefined;
}
