import { EngineError } from '../../../lib/runner/engine/engine';
import { cronEntries } from '../../../lib/runner/restore/postgresql-cron';
import { dependants, readToc } from '../../../lib/runner/restore/postgresql-toc';

/** Tables of contents as pg_restore 15 writes them, with what is built on what. */

const TOC = `;
; Selected TOC Entries:
;
2; 3079 16385 EXTENSION - pg_cron 
250; 1255 16439 FUNCTION cron mine() postgres
;\tdepends on: 2 2
9; 0 0 ACL cron FUNCTION mine() postgres
;\tdepends on: 250
10; 0 0 ACL cron FUNCTION schedule(text, text) postgres
;\tdepends on: 251
220; 1259 16424 VIEW public jobs postgres
;\tdepends on: 2 2 250
221; 1259 16428 VIEW public jobs2 postgres
;\tdepends on: 220
223; 1259 16440 TABLE public t postgres
3256; 0 16388 TABLE DATA cron job postgres
;\tdepends on: 217
3257; 0 16388 TABLE DATA cron job_run_details postgres
;\tdepends on: 218
3431; 0 16440 TABLE DATA public t postgres
;\tdepends on: 223
`;

const idsOf = (entries: readonly { readonly id: number }[] | undefined) => entries?.map(({ id }) => id);

test('what is built on something is found at any distance, each once', () => {
  const toc = readToc(TOC);
  expect(toc[1]).toEqual({
    line: '250; 1255 16439 FUNCTION cron mine() postgres',
    ...{ id: 250, what: 'FUNCTION cron mine() postgres', dependsOn: [2] },
  });
  expect(idsOf(dependants(toc, toc.slice(0, 1)))).toEqual([250, 9, 220, 221]);
  expect(dependants(toc, [])).toEqual([]);
});

test('what is of pg_cron is told from what somebody built on it or put beside it', () => {
  const found = cronEntries(readToc(TOC));
  expect(idsOf(found?.own)).toEqual([2, 10, 3256, 3257]);
  expect(idsOf(found?.kept)).toEqual([2, 10, 3256]);
  expect(idsOf(found?.built)).toEqual([250, 9, 220, 221]);
  expect(cronEntries(readToc(TOC.replace('EXTENSION - pg_cron', 'SCHEMA - cron')))).toBeUndefined();
});

test.each([
  ['TABLE public numbered postgres', 'TABLE public numbered postgres'],
  ['POLICY public t own postgres', 'POLICY public t own postgres'],
  ['INDEX public t_by_job postgres', 'INDEX public t_by_job postgres'],
  ['DEFAULT public t id postgres', 'DEFAULT public t id postgres'],
])('%s on it is refused by name', (entry, named) => {
  const toc = readToc(`${TOC}4000; 1259 1 ${entry}\n;\tdepends on: 223 250\n`);
  expect(() => cronEntries(toc)).toThrow(EngineError);
  expect(() => cronEntries(toc)).toThrow(`and this can't: ${named}`);
});
