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

/**
 * Whether a variable is of use to the clouds' libraries. They start programs of their own that inherit what the process
 * has (a `credential_process` of AWS, `az`, `gcloud`): all else, a database's password first of all, is not for them.
 */
export function isForLibraries(name: string): boolean {
  const upper = name.toUpperCase();
  return NAMES.includes(upper) || PREFIXES.some((prefix) => upper.startsWith(prefix));
}
