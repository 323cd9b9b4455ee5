import { readFileSync } from 'node:fs';

/** A user that a package made: servers that refuse root run as it. The tests' own where they don't run as root. */
export function systemUser(name: string): { uid: number; gid: number } {
  const [own, ownGroup] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (own !== 0) return { uid: own, gid: ownGroup };
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`));
  if (line === undefined) throw new Error(`the user ${name} is missing; install it with: npm run servers:install`);
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}
