import { scriptCertificates } from '../../../lib/runner/engine/sqlserver-certificates';
import { scriptJobs } from '../../../lib/runner/engine/sqlserver-jobs';
import type { Job } from '../../../lib/runner/engine/sqlserver-jobs';
import { scriptLogins } from '../../../lib/runner/engine/sqlserver-logins';
import type { Logins } from '../../../lib/runner/engine/sqlserver-logins';
import { newScript, scriptStream, textOf } from '../../../lib/runner/engine/sqlserver-script';

/** Batches as sqlcmd sees them: between lines that say GO. */
function batchesOf(write: (script: ReturnType<typeof newScript>) => void): readonly string[] {
  const script = newScript();
  write(script);
  const batches = script
    .text()
    .split(/^GO\s*$/m)
    .map((one) => one.replace(/^--.*$/gm, '').trim());
  return batches.filter((one) => one !== '');
}

const login = {
  name: "o'neil",
  type: 'S',
  disabled: false,
  sid: '0x0AB1',
  database: 'shop',
  language: 'us_english',
  policy: true,
  expiration: false,
  hash: '0x0200FF',
};

test('logins keep SID and password, and nothing is asked of what is not there', () => {
  const logins: Logins = {
    principals: [
      login,
      {
        ...login,
        name: 'ACME\\Büro',
        type: 'G',
        database: 'master',
        language: null,
        policy: null,
        expiration: null,
        hash: null,
      },
      { ...login, name: 'off', disabled: true, database: null, language: null, policy: false },
      { ...login, name: 'auditors]', type: 'R', database: null, language: null, hash: null },
      { ...login, name: 'hidden', hash: null, database: null, language: null },
      { ...login, name: 'signed', type: 'C', hash: null, database: null, language: null },
    ],
    members: [{ role: 'sysadmin', member: 'ACME\\Büro' }],
    permissions: [
      { name: "o'neil", state: 'GRANT_WITH_GRANT_OPTION', permission: 'VIEW SERVER STATE' },
      { name: "o'neil", state: 'DENY', permission: 'SHUTDOWN' },
    ],
    missing: undefined,
  };
  expect(batchesOf((script) => scriptLogins(logins, script))).toEqual([
    "IF SUSER_ID(N'o''neil') IS NULL CREATE LOGIN [o'neil] WITH PASSWORD = 0x0200FF HASHED, SID = 0x0AB1, CHECK_POLICY = ON, CHECK_EXPIRATION = OFF;",
    "IF SUSER_ID(N'ACME\\Büro') IS NULL CREATE LOGIN [ACME\\Büro] FROM WINDOWS;",
    "IF SUSER_ID(N'off') IS NULL CREATE LOGIN [off] WITH PASSWORD = 0x0200FF HASHED, SID = 0x0AB1, CHECK_POLICY = OFF, CHECK_EXPIRATION = OFF;",
    'ALTER LOGIN [off] DISABLE;',
    "IF SUSER_ID(N'auditors]') IS NULL CREATE SERVER ROLE [auditors]]];",
    'ALTER SERVER ROLE [sysadmin] ADD MEMBER [ACME\\Büro];',
    "GRANT VIEW SERVER STATE TO [o'neil] WITH GRANT OPTION;",
    "DENY SHUTDOWN TO [o'neil];",
    "IF DB_ID(N'shop') IS NOT NULL ALTER LOGIN [o'neil] WITH DEFAULT_DATABASE = [shop];",
    "ALTER LOGIN [o'neil] WITH DEFAULT_LANGUAGE = [us_english];",
  ]);
  const script = newScript();
  scriptLogins(logins, script);
  expect(script.text()).toContain('login [hidden] with SID 0x0AB1 is not made here: its password was not readable');
  expect(script.text()).toContain('login [signed] with SID 0x0AB1 is not made here: it is of type C');
});

const job: Job = {
  name: 'night',
  enabled: 1,
  description: "it's\nlong",
  category: 'Maintenance',
  owner: 'sa',
  start: 1,
  steps: [
    {
      id: 1,
      name: 'one',
      subsystem: 'CmdExec',
      command: 'echo 1\r\nGO\r\necho 2',
      database: null,
      user: null,
      onSuccess: 1,
      onSuccessStep: 0,
      onFail: 2,
      onFailStep: 0,
      retries: 3,
      retryMinutes: 5,
      output: null,
      flags: 0,
      proxy: null,
    },
  ],
  schedules: [
    {
      name: 'daily',
      enabled: 1,
      freqType: 4,
      freqInterval: 1,
      subdayType: 1,
      subdayInterval: 0,
      relativeInterval: 0,
      recurrence: 0,
      startDate: 20260101,
      endDate: 99991231,
      startTime: 30000,
      endTime: 235959,
    },
  ],
};

test('jobs come back switched off, each in one batch whatever their commands hold', () => {
  const [category, made, ...rest] = batchesOf((script) =>
    scriptJobs([job, { ...job, name: 'empty', category: null, enabled: 0, steps: null, schedules: null }], script),
  );
  expect(category).toContain('sp_add_category');
  expect(made).toMatch(
    /^DECLARE @v1 nvarchar\(max\) = N'night', @v2 int = 0, @v3 nvarchar\(max\) = N'it''s' \+ NCHAR\(10\) \+ N'long'/,
  );
  expect(made).toContain("N'echo 1' + NCHAR(13) + NCHAR(10) + N'GO' + NCHAR(13) + NCHAR(10) + N'echo 2'");
  expect(made).toContain('EXEC msdb.dbo.sp_add_job @job_name = @v1, @enabled = @v2, @description = @v3');
  expect(made).toMatch(/sp_add_jobstep .*sp_update_job .*sp_add_jobschedule .*sp_add_jobserver .* END;$/);
  expect(made).not.toContain('\n');
  expect(rest).toHaveLength(1);
  expect(rest[0]).not.toMatch(/sp_add_jobstep|sp_update_job/);
  const script = newScript();
  scriptJobs([job], script);
  expect(script.text()).toContain("-- EXEC msdb.dbo.sp_update_job @job_name = N'night', @enabled = 1;");
});

test('certificates come with their keys, or with the word that somebody has to have them', () => {
  const one = { name: 'tde]', thumbprint: '0xAA', databases: ['shop'], exported: { encoded: '0x01', key: '0x02' } };
  expect(batchesOf((script) => scriptCertificates([one, { ...one, exported: undefined }], script))).toEqual([
    "IF CERT_ID(N'tde]') IS NULL CREATE CERTIFICATE [tde]]] FROM BINARY = 0x01 WITH PRIVATE KEY (BINARY = 0x02, DECRYPTION BY PASSWORD = N'the password');",
  ]);
  const script = newScript();
  scriptCertificates([{ ...one, exported: undefined }], script);
  expect(script.text()).toContain('-- certificate [tde]]], thumbprint 0xAA, which encrypts [shop]');
  expect(script.text()).toContain('-- its private key is not in this backup');
});

test('a statement with line breaks is put together from parts, and a comment stays one', () => {
  expect(textOf("a'\nb")).toBe("N'a''' + NCHAR(10) + N'b'");
  expect(batchesOf((script) => script.batch('CREATE LOGIN [a\nGO\nb]'))).toEqual([
    "DECLARE @statement nvarchar(max) = N'CREATE LOGIN [a' + NCHAR(10) + N'GO' + NCHAR(10) + N'b]'; EXEC (@statement);",
  ]);
  const script = newScript();
  script.comment('a\nDROP DATABASE shop');
  expect(script.text()).toBe('-- a\r\n-- DROP DATABASE shop\r\n');
});

test('is written so that every kind of sqlcmd reads it', async () => {
  const chunks: Buffer[] = [];
  for await (const chunk of scriptStream('server', 'Büro').output as AsyncIterable<Buffer>) chunks.push(chunk);
  expect(Buffer.concat(chunks)).toEqual(Buffer.from('\ufeffBüro', 'utf16le'));
});
