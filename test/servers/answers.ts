import { get } from 'node:http';

/** Resolves when the address answers over HTTP, whatever it says, or with `status` where one is given. */
export function answers(url: string, status?: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: 1000 }, (response) => {
      response.resume();
      if (status === undefined || response.statusCode === status) resolve();
      else reject(new Error(`${url} answers ${response.statusCode}`));
    });
    request.once('timeout', () => request.destroy(new Error(`${url} does not answer`)));
    request.once('error', reject);
  });
}
