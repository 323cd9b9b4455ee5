import { granted, run } from './cloud';
import { cold } from './fixture';

/** The workflow of the template itself, run against a Google that answers as it is told. */
const restore = (props: Parameters<typeof run>[3] = {}) =>
  run(cold(), 'restore', {}, { objects: granted('cold'), ...props });

test('starts the database, restores with the words of the runner, and stops it again', () => {
  const ran = restore();
  expect(ran.did).toEqual(['database ALWAYS', 'password s3cret', 'restore', 'database NEVER']);
  const [words = []] = ran.words;
  expect(words.slice(0, 4)).toEqual(['restore', '--from', 'latest', '--target']);
  expect(words[4]).toMatch(/^postgresql:[/][/]postgres@.+[/][?]sslmode=require$/);
  expect(words[6]).toMatch(/^gs:[/][/].+[/]tasks[/][0-9a-f]{64}[.]json$/);
  // What is there is typed once more, and never the server's own.
  expect(words.slice(7)).toEqual(['--no-owners', '--replace', 'shop']);
  expect(ran.logs).toMatchObject([{ event: 'site_restore', outcome: 'success', severity: 'INFO' }]);
});

test('what was replaced is removed, and only that', () => {
  const ran = restore({ databases: ['shop', 'shop_before_20261125t091500z', 'before_noon'] });
  expect(ran.did.filter((one) => one.startsWith('drop'))).toEqual(['drop shop_before_20261125t091500z']);
});

test('a restore that is worth another try is tried, and one that is not stops the database and ends loudly', () => {
  expect(restore({ exits: [75, 0] }).did.filter((one) => one === 'restore')).toHaveLength(2);
  const ran = restore({ exits: [4] });
  expect(ran.did.at(-1)).toBe('database NEVER');
  expect(ran.raised).toMatch(/ended with 4/);
  expect(ran.logs).toMatchObject([{ outcome: 'failed', severity: 'ERROR' }]);
});

test('nothing that is there after a restore is none', () => {
  expect(restore({ databases: [] }).raised).toMatch(/nothing is there after the restore/);
});

test('a site that is active is left alone', () => {
  const ran = restore({ objects: { 'lease/cold': 'revoked 4 1790000000\n' } });
  expect(ran.did).toEqual([]);
  expect(ran.value).toMatchObject({ outcome: 'active' });
});

test('a site that is activated meanwhile keeps its database', () => {
  const ran = restore({
    meanwhile: (url, { write }) => {
      if (url.includes(':run')) write('lease/cold', 'revoked 4 1790000000\n');
    },
  });
  expect(ran.did).not.toContain('database NEVER');
});

test('nothing more is restored into a site that is activated meanwhile, and nothing removed from it', () => {
  const databases = ['shop', 'shop_before_20261125t091500z'];
  const activatedAt = (part: string) =>
    restore({
      databases,
      meanwhile: (url, { write }) => {
        if (url.endsWith(part)) write('lease/cold', 'revoked 4 1790000000\n');
      },
    });
  const before = activatedAt('/users?name=postgres');
  expect(before.did).toEqual(['database ALWAYS', 'password s3cret']);
  expect(before.raised).toMatch(/activated meanwhile/);
  const after = activatedAt('/tasks');
  expect(after.did).toEqual(['database ALWAYS', 'password s3cret', 'restore']);
  expect(after.raised).toMatch(/activated meanwhile/);
});

test('nothing is done where nobody knows whether the site is active', () => {
  const ran = restore({ objects: { 'lease/cold': 'hello' } });
  expect(ran.did).toEqual([]);
  expect(ran.raised).toMatch(/nobody knows who may write/);
});

test('changes of the database wait for what is under way there', () => {
  const ran = restore({ conflicts: 2 });
  expect(ran.did).toEqual(['database ALWAYS', 'password s3cret', 'restore', 'database NEVER']);
});
