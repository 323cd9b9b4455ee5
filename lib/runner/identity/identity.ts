export type Cloud = 'aws' | 'azure' | 'google';

/** A signed token that says to somebody else who this job is: its audience in, the token (JWT) out. */
export type WebIdentity = (audience: string) => Promise<string>;

/** Nobody gives this job a token, or not for that audience. The name is the one that the SDKs use for it. */
export class IdentityError extends Error {
  override readonly name = 'CredentialsProviderError';
}
