import { EngineError } from '../engine/engine';
import type { Machine } from '../machine';
import { tokenAddress } from '../token-address';
import { SECRET_MILLISECONDS } from './ask';
import type { Refusal } from './ask';

/** A secret store's answer that is not the secret. */
export class SecretAnswer extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

/** @throws EngineError where a variable names no address that a token may be sent to */
export function addressIn(variable: string, text: string): URL {
  const address = tokenAddress(text);
  if (address) return address;
  const message = `${variable} is no address that a token can be sent to`;
  throw new EngineError('config', message, `set ${variable} to an address such as https://...`);
}

/** GET; JSON of the answer, `undefined` where it is none. */
export async function getJson(address: URL, headers: Record<string, string>, machine: Machine): Promise<unknown> {
  return jsonOf(await getText(address, { ...headers, accept: 'application/json' }, machine));
}

/** POST of JSON; JSON of the answer, `undefined` where it is none. */
export async function postJson(
  address: URL,
  headers: Record<string, string>,
  body: object,
  machine: Machine,
): Promise<unknown> {
  const json = { ...headers, accept: 'application/json', 'content-type': 'application/json' };
  return jsonOf(await ask(address, { method: 'POST', headers: json, body: JSON.stringify(body) }, machine));
}

/** GET; the answer as it is. */
export function getText(address: URL, headers: Record<string, string>, machine: Machine): Promise<string> {
  return ask(address, { headers }, machine);
}

/** With a token among the headers, which goes to no other address: a redirection is an error. */
async function ask(
  address: URL,
  request: Pick<RequestInit, 'method' | 'headers' | 'body'>,
  machine: Machine,
): Promise<string> {
  const silence = AbortSignal.timeout(SECRET_MILLISECONDS);
  try {
    const answer = await fetch(address, {
      ...request,
      redirect: 'error',
      signal: AbortSignal.any([machine.signal, silence]),
    });
    const text = await answer.text();
    if (!answer.ok) throw new SecretAnswer(refusalOf(answer.status, jsonOf(text)));
    return text;
  } catch (error) {
    if (silence.aborted && !machine.signal.aborted) throw Object.assign(new Error('timed out'), { code: 'ETIMEDOUT' });
    throw error;
  }
}

/** What Azure and Google both say in `error`; Azure's code is a word, Google's is its status. */
function refusalOf(status: number, json: unknown): Refusal {
  const { error } = (json ?? {}) as {
    error?: { code?: unknown; status?: unknown; message?: unknown; innererror?: { code?: unknown } };
  };
  const words = [error?.innererror?.code, error?.status, error?.code].filter((one) => typeof one === 'string');
  return {
    code: (words[0] as string | undefined) ?? '',
    status,
    message: typeof error?.message === 'string' ? error.message : '',
  };
}

/** What a connection failed with, such as `ECONNREFUSED`: `fetch` hides it behind "fetch failed". */
export function networkCode(error: unknown): string | undefined {
  const { code } = ((error as Error).cause ?? error) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

/** `undefined` where it is none; what was there is never quoted. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
