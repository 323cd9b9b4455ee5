import path from 'node:path';
import { EngineError } from '../engine/engine';

/** Where a restore goes, said apart from where backups come from: nothing of it is taken from the source's variables. */
export interface ServerAddress {
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly user: string | undefined;
  /** The name that a restored database gets. @default - its own */
  readonly database: string | undefined;
  /** As in a spec's `ssl_mode`. @default - the tool's own default */
  readonly tls: string | undefined;
  /** Without anything secret. */
  readonly shown: string;
}

/** The password of the target; the source's variables are never used for it. */
export const PASSWORD_VARIABLE = 'HYPDR_RESTORE_PASSWORD';

/**
 * Reads `postgresql://user@host:5432/database?sslmode=verify-full`, or the same with another scheme.
 * @throws EngineError for what is none, and for one with a password in it: arguments are seen by everybody on the host
 */
export function readServerUrl(target: string, schemes: readonly string[]): ServerAddress {
  const [scheme = ''] = schemes;
  const fix = `give ${scheme}://user@host:port/, and the password in ${PASSWORD_VARIABLE}`;
  let url: URL;
  try {
    url = new URL(target);
  } catch {
    throw new EngineError('config', '--target is no URL', fix);
  }
  if (url.password !== '') throw new EngineError('config', '--target has a password in it', fix);
  if (!schemes.includes(url.protocol.slice(0, -1)))
    throw new EngineError('config', `--target is of ${url.protocol}// and should be of ${scheme}://`, fix);
  const database = decodeURIComponent(url.pathname.replace(/^\//, '')) || undefined;
  const named = (name: string) => url.searchParams.get(name) ?? undefined;
  const unknown = [...url.searchParams.keys()].filter((name) => !['host', 'sslmode'].includes(name));
  if (unknown.length > 0) throw new EngineError('config', `--target knows no ${unknown.join(', ')}`, fix);
  const host = named('host') ?? (url.hostname.replace(/^\[(.*)\]$/, '$1') || undefined);
  if (host === undefined) throw new EngineError('config', '--target names no host', fix);
  return {
    host,
    port: url.port || undefined,
    user: decodeURIComponent(url.username) || undefined,
    database,
    tls: named('sslmode'),
    shown: `${scheme}://${host}${url.port ? `:${url.port}` : ''}${database === undefined ? '' : `/${database}`}`,
  };
}

/**
 * What may be shown of a target that nobody has read yet: a path as it is, an address without its user and its words, and
 * nothing of what is neither, since a password may stand anywhere in it.
 */
export function shownTarget(target: string, kind: 'files' | 'database'): string {
  if (kind === 'files' || path.isAbsolute(target)) return target;
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) && URL.canParse(target) ? new URL(target) : undefined;
  // A password with a `?` in it ends what is read as the host.
  if (!url || `${url.search}${url.hash}`.includes('@')) return '***';
  return `${url.protocol}//${url.host}${url.pathname === '/' ? '' : url.pathname}`;
}
