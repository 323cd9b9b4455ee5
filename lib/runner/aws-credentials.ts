import type { Machine } from './machine';

export interface AwsKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Keys of the environment, which the machine hands in; everything else is the SDK's chain, which renews by itself. */
export function ownCredentials({ environment }: Pick<Machine, 'environment'>): AwsKeys | undefined {
  if (environment.AWS_PROFILE || !environment.AWS_ACCESS_KEY_ID || !environment.AWS_SECRET_ACCESS_KEY) return undefined;
  return {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    ...(environment.AWS_SESSION_TOKEN && { sessionToken: environment.AWS_SESSION_TOKEN }),
  };
}
