/** What tar said of one name, or of itself. */
export type TarMessage =
  | { readonly kind: 'degraded'; readonly name: string; readonly why: string }
  /** Harmless: nothing of what can be stored is missing. */
  | { readonly kind: 'note'; readonly text: string }
  | { readonly kind: 'fatal'; readonly text: string };

/** A file that was there and is not stored as it was, in GNU tar's words under LC_ALL=C. */
const DEGRADED = [
  'file changed as we read it',
  'File removed before we read it',
  'Directory removed before we read it',
  String.raw`File shrank by \d+ bytes?; padding with zeros`,
  String.raw`(?:Warning: )?Cannot (?:open|stat|savedir|read|readlink|close|getfilecon|listxattr|llistxattrat|acl_get_file_at): .+`,
  String.raw`(?:Warning: )?Read error at byte \d+, while reading \d+ bytes: .+`,
  String.raw`(?:Warning: )?Cannot seek to \d+: .+`,
].map((words) => new RegExp(`^tar: (.*): (${words})$`));

const NOTES = [
  /: socket ignored$/,
  /: door ignored$/,
  /: Directory is new$/,
  /: Directory has been renamed( from .*)?$/,
  /: contains a cache directory tag/,
  /: file is on a different filesystem; not dumped$/,
  /^tar: Exiting with failure status due to previous errors$/,
];

/** Reads one line of tar's stderr; `members` are the names that it was given, since only what lies below them is a file. */
export function readTarMessage(line: string, members: readonly string[]): TarMessage {
  if (NOTES.some((pattern) => pattern.test(line))) return { kind: 'note', text: line };
  for (const pattern of DEGRADED) {
    const match = pattern.exec(line);
    const [, name, why] = match ?? [];
    if (name === undefined || why === undefined || !isOfSource(name, why, members)) continue;
    return { kind: 'degraded', name: `/${name.replace(/^\.\//, '')}`, why };
  }
  return { kind: 'fatal', text: line };
}

/** A root that could not be read at all is a failure, not a degraded backup. */
function isOfSource(name: string, why: string, members: readonly string[]): boolean {
  return members.some((member) => name.startsWith(`${member}/`) || (name === member && /changed|shrank/.test(why)));
}

/** Errors that pass by themselves: the next increment would take the file for stored. Others change the file's ctime. */
export function passesUnseen(why: string): boolean {
  return !/Permission denied|changed as we read it|removed before we read it|File shrank|No such file or directory/.test(
    why,
  );
}
