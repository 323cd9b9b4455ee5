import { execFileSync } from 'node:child_process';

/** Extended attributes of a path as hexadecimal, by their names. Lists of rights are among them. */
export type Attributes = Readonly<Record<string, string>>;

/** Node has no calls for them, and `setfattr` is rarely installed. */
function python(script: string, ...args: readonly string[]): string {
  return execFileSync('python3', ['-c', `import json, os, sys\n${script}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Sets one, or takes it away where there is no value; links are not followed. */
export function setAttribute(file: string, name: string, value: Buffer | undefined): void {
  if (value) python(SET, file, name, value.toString('hex'));
  else python('os.removexattr(sys.argv[1], sys.argv[2], follow_symlinks=False)', file, name);
}

const SET = 'os.setxattr(sys.argv[1], sys.argv[2], bytes.fromhex(sys.argv[3]), follow_symlinks=False)';

/** Why a file system, or who runs the tests, has no such attribute; `undefined` where it has. */
export function whyNoAttribute(file: string, name: string, value: Buffer): string | undefined {
  try {
    setAttribute(file, name, value);
    setAttribute(file, name, undefined);
    return undefined;
  } catch (error) {
    const { stderr } = error as { readonly stderr?: string };
    return `${name} can't be set on ${file}: ${stderr?.trim().split('\n').at(-1) ?? String(error)}`;
  }
}

/** Attributes of everything below a folder and of itself, by the path below it. */
export function attributesBelow(root: string): Readonly<Record<string, Attributes>> {
  return JSON.parse(python(BELOW, root)) as Record<string, Attributes>;
}

const BELOW = `
found = {}
def note(path):
    names = sorted(os.listxattr(path, follow_symlinks=False))
    if names:
        values = {name: os.getxattr(path, name, follow_symlinks=False).hex() for name in names}
        found[os.path.relpath(path, sys.argv[1])] = values
note(sys.argv[1])
for folder, folders, files in os.walk(sys.argv[1]):
    for name in folders + files:
        note(os.path.join(folder, name))
print(json.dumps(found, sort_keys=True))
`;

const NOBODY_NAMED = 0xffff_ffff;
/** Tags of https://github.com/torvalds/linux/blob/master/include/uapi/linux/posix_acl.h */
const TAG = { owner: 0x01, user: 0x02, group: 0x04, mask: 0x10, other: 0x20 } as const;

/** A list of rights as Linux keeps it: a version and entries of tag, rights and id, of which one is a user's by number. */
export function aclOf(user: number, rights: number): Buffer {
  const entries = [
    [TAG.owner, 6, NOBODY_NAMED],
    [TAG.user, rights, user],
    [TAG.group, 4, NOBODY_NAMED],
    [TAG.mask, 7, NOBODY_NAMED],
    [TAG.other, 0, NOBODY_NAMED],
  ] as const;
  const bytes = Buffer.alloc(4 + 8 * entries.length);
  bytes.writeUInt32LE(2, 0);
  for (const [index, [tag, allowed, id]] of entries.entries()) {
    bytes.writeUInt16LE(tag, 4 + 8 * index);
    bytes.writeUInt16LE(allowed, 6 + 8 * index);
    bytes.writeUInt32LE(id, 8 + 8 * index);
  }
  return bytes;
}

/** The capability to listen below port 1024, as a file keeps it: https://man7.org/linux/man-pages/man7/capabilities.7.html */
export const BIND_SERVICE = Buffer.from(`01000002${'00040000'}${'00000000'.repeat(3)}`, 'hex');
