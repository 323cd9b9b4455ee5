import type { Machine } from './machine';

/** Prefixes and names of what the clouds' libraries, Node and their helpers read from the process by themselves. */
const PREFIXES = [
  ...['AWS_', 'AZURE_', 'IDENTITY_', 'IMDS_', 'MSI_', 'GOOGLE_', 'GCLOUD_', 'GCE_', 'CLOUDSDK_', 'METADATA_SERVER_'],
  // Not STORAGE_EMULATOR_HOST: Google's library would ask it without /storage/v1; we tell the library where it is.
  ...['CLOUD_RUN_', 'K_', 'FUNCTION_', 'GAE_', 'NODE_', 'UV_', 'SSL_', 'LC_', 'XDG_'],
];
const NAMES = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SYSTEMROOT', 'WINDIR', 'COMSPEC'],
  ...[
    'PATHEXT',
    'APPDATA',
    'LOCALAPPDATA',
    'PROGRAMDATA',
    'PROGRAMFILES',
    'USERPROFILE',
    'HOMEDRIVE',
    'HOMEPATH',
    'OS',
  ],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'],
];

/** What we read ourselves and hand to the libraries. AWS's profiles may refer to its keys, so they stay beside one. */
const OURS = ['AZURE_STORAGE_CONNECTION_STRING'];
const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * Whether a variable is of use to the clouds' libraries. They start programs of their own that inherit what the process
 * has (a `credential_process` of AWS, `az`, `gcloud`): all else, a database's password first of all, is not for them.
 */
export function isForLibraries(name: string, environment: Machine['environment']): boolean {
  const upper = name.toUpperCase();
  if (OURS.includes(upper) || (KEYS.includes(upper) && !environment.AWS_PROFILE)) return false;
  return NAMES.includes(upper) || PREFIXES.some((prefix) => upper.startsWith(prefix));
}
