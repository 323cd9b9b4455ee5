import type { Machine } from '../machine';
import { SECRET_MILLISECONDS } from './ask';
import type { Refusal } from './ask';

/** A secret store's answer that is not the secret. */
export class SecretAnswer extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

/** GET with a token; JSON of the answer. The token goes to no other address: a redirection is an error. */
export async function getJson(address: URL, token: Record<string, string>, machine: Machine): Promise<unknown> {
  const silence = AbortSignal.timeout(SECRET_MILLISECONDS);
  try {
    const answer = await fetch(address, {
      headers: { ...token, accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.any([machine.signal, silence]),
    });
    const json = jsonOf(await answer.text());
    if (!answer.ok) throw new SecretAnswer(refusalOf(answer.status, json));
    return json;
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

/** `undefined` where it is none; what was there is never quoted. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
