import { fitName } from '../../units';

/** Names of storage accounts are global, and hold letters and digits only, at most 24 of them. */
export function accountName(prefix: string, word: string): string {
  return fitName(`${prefix}-${word}`, 24).replaceAll('-', '');
}
