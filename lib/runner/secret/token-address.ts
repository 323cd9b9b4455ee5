import { EngineError } from '../engine/engine';

/**
 * An address that a token is sent to: https, or this machine.
 * @throws EngineError
 */
export function tokenAddress(text: string, variable: string): URL {
  const fix = `set ${variable} to an address such as https://...`;
  if (!URL.canParse(text)) throw new EngineError('config', `${variable} is no address`, fix);
  const url = new URL(text);
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))) return url;
  throw new EngineError('config', `${variable} is not https, and a token would be sent there`, fix);
}

export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
