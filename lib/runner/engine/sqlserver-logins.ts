import { z } from 'zod';
import type { SqlServerClient } from './sqlserver-client';
import type { Script } from './sqlserver-script';
import { identifier, literal } from './sqlserver-statement';

/**
 * Logins and roles with their SIDs and the hashes of their passwords, members of roles, and rights on the server as a
 * whole; without what every server has: `sa`, fixed roles and what begins with `##`. What the login may not see is simply
 * not listed, so it is asked whether it sees all.
 * https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-server-principals-transact-sql, sys-sql-logins-transact-sql
 */
const LOGINS = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT
  HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW ANY DEFINITION') AS [definitions],
  (SELECT p.name AS [name], RTRIM(p.type) AS [type], p.is_disabled AS [disabled],
    CONVERT(varchar(max), p.sid, 1) AS [sid], p.default_database_name AS [database],
    p.default_language_name AS [language], l.is_policy_checked AS [policy], l.is_expiration_checked AS [expiration],
    CONVERT(varchar(max), l.password_hash, 1) AS [hash]
    FROM sys.server_principals AS p LEFT JOIN sys.sql_logins AS l ON l.principal_id = p.principal_id
    WHERE p.sid <> 0x01 AND p.is_fixed_role = 0 AND p.name <> N'public' AND p.name NOT LIKE N'##%'
    FOR JSON PATH, INCLUDE_NULL_VALUES) AS [principals],
  (SELECT r.name AS [role], m.name AS [member] FROM sys.server_role_members AS s
    JOIN sys.server_principals AS r ON r.principal_id = s.role_principal_id
    JOIN sys.server_principals AS m ON m.principal_id = s.member_principal_id
    WHERE m.sid <> 0x01 AND m.name NOT LIKE N'##%' FOR JSON PATH, INCLUDE_NULL_VALUES) AS [members],
  (SELECT g.name AS [name], s.state_desc AS [state], s.permission_name AS [permission]
    FROM sys.server_permissions AS s JOIN sys.server_principals AS g ON g.principal_id = s.grantee_principal_id
    WHERE s.class = 100 AND g.name NOT LIKE N'##%' FOR JSON PATH, INCLUDE_NULL_VALUES) AS [permissions]
  FOR JSON PATH, INCLUDE_NULL_VALUES, WITHOUT_ARRAY_WRAPPER);`;

const Principal = z.object({
  name: z.string(),
  type: z.string(),
  disabled: z.boolean(),
  sid: z.string(),
  database: z.string().nullable(),
  language: z.string().nullable(),
  policy: z.boolean().nullable(),
  expiration: z.boolean().nullable(),
  hash: z.string().nullable(),
});
const Member = z.object({ role: z.string(), member: z.string() });
const Permission = z.object({ name: z.string(), state: z.string(), permission: z.string() });
const Listed = z.object({
  definitions: z.int().nullable(),
  principals: z.array(Principal).nullable(),
  members: z.array(Member).nullable(),
  permissions: z.array(Permission).nullable(),
});

export interface Logins {
  readonly principals: readonly z.infer<typeof Principal>[];
  readonly members: readonly z.infer<typeof Member>[];
  readonly permissions: readonly z.infer<typeof Permission>[];
  /** Why not all of it could be read. */
  readonly missing: string | undefined;
}

export async function readLogins(client: SqlServerClient): Promise<Logins> {
  const listed = await client.ask('the logins', LOGINS, Listed);
  const principals = listed.principals ?? [];
  return {
    principals,
    members: listed.members ?? [],
    permissions: listed.permissions ?? [],
    missing: missingOf(principals, listed.definitions === 1),
  };
}

function missingOf(principals: Logins['principals'], sees: boolean): string | undefined {
  if (!sees) return 'the login that takes the backup does not see other logins: grant it VIEW ANY DEFINITION';
  const without = principals.filter(({ type, hash }) => type === 'S' && hash === null).length;
  if (without === 0) return undefined;
  return `the passwords of ${without} logins are not readable: grant CONTROL SERVER, or since SQL Server 2022 VIEW ANY CRYPTOGRAPHICALLY SECURED DEFINITION`;
}

export function scriptLogins({ principals, members, permissions }: Logins, script: Script): void {
  script.comment('Logins, with the SIDs by which users of databases belong to them');
  for (const one of principals) if (one.type !== 'R') scriptLogin(one, script);
  script.comment('Server roles, their members, and rights on the server');
  for (const { name } of principals.filter(({ type }) => type === 'R')) {
    script.batch(`IF SUSER_ID(${literal(name)}) IS NULL CREATE SERVER ROLE ${identifier(name)};`);
  }
  for (const { role, member } of members) {
    script.batch(`ALTER SERVER ROLE ${identifier(role)} ADD MEMBER ${identifier(member)};`);
  }
  for (const { name, state, permission } of permissions) {
    const grant = state === 'GRANT_WITH_GRANT_OPTION';
    const verb = grant ? 'GRANT' : state;
    script.batch(`${verb} ${permission} TO ${identifier(name)}${grant ? ' WITH GRANT OPTION' : ''};`);
  }
  script.comment('Default databases and languages, where they are there');
  for (const { name, type, database, language } of principals) {
    if (type === 'R') continue;
    const alter = (option: string) => `ALTER LOGIN ${identifier(name)} WITH ${option};`;
    if (database !== null && database !== 'master')
      script.batch(`IF DB_ID(${literal(database)}) IS NOT NULL ${alter(`DEFAULT_DATABASE = ${identifier(database)}`)}`);
    if (language !== null) script.batch(alter(`DEFAULT_LANGUAGE = ${identifier(language)}`));
  }
}

type Principal = Logins['principals'][number];

/** https://learn.microsoft.com/sql/t-sql/statements/create-login-transact-sql */
function scriptLogin(principal: Principal, script: Script): void {
  const { name, disabled } = principal;
  const create = creationOf(principal);
  if (create === undefined) {
    const why = principal.type === 'S' ? 'its password was not readable' : `it is of type ${principal.type}`;
    script.comment(`login ${identifier(name)} with SID ${principal.sid} is not made here: ${why}`);
    return;
  }
  script.batch(`IF SUSER_ID(${literal(name)}) IS NULL CREATE LOGIN ${identifier(name)} ${create};`);
  if (disabled) script.batch(`ALTER LOGIN ${identifier(name)} DISABLE;`);
}

/** Logins of certificates and keys are made by whoever restores those. */
function creationOf({ type, sid, hash, policy, expiration }: Principal): string | undefined {
  switch (type) {
    case 'S': {
      if (hash === null) return undefined;
      const checks = `CHECK_POLICY = ${onOff(policy)}, CHECK_EXPIRATION = ${onOff(expiration)}`;
      return `WITH PASSWORD = ${hash} HASHED, SID = ${sid}, ${checks}`;
    }
    case 'U':
    case 'G':
      return 'FROM WINDOWS';
    case 'E':
    case 'X':
      return 'FROM EXTERNAL PROVIDER';
    default:
      return undefined;
  }
}

function onOff(flag: boolean | null): string {
  return flag === true ? 'ON' : 'OFF';
}
