import { z } from 'zod';
import type { SqlServerClient } from './sqlserver-client';
import type { Script } from './sqlserver-script';
import type { SqlServerSession } from './sqlserver-session';
import { identifier, literal } from './sqlserver-statement';

/** Encrypts the private keys of certificates in the backup; without it they are not in it. */
export const PASSWORD_VARIABLE = 'HYPDR_CERTIFICATE_PASSWORD';

/**
 * Certificates of `master` with a private key: those that encrypt databases, and those that may encrypt backups.
 * https://learn.microsoft.com/sql/relational-databases/system-catalog-views/sys-certificates-transact-sql,
 * https://learn.microsoft.com/sql/relational-databases/system-dynamic-management-views/sys-dm-database-encryption-keys-transact-sql
 */
const CERTIFICATES = `SET LOCK_TIMEOUT 60000; SET @answer = (SELECT c.name AS [name],
  CONVERT(varchar(100), c.thumbprint, 1) AS [thumbprint], c.pvt_key_encryption_type AS [protection],
  (SELECT DB_NAME(k.database_id) AS [name] FROM sys.dm_database_encryption_keys AS k
    WHERE k.encryptor_thumbprint = c.thumbprint FOR JSON PATH, INCLUDE_NULL_VALUES) AS [databases]
  FROM sys.certificates AS c WHERE c.pvt_key_encryption_type <> N'NA' AND c.name NOT LIKE N'##%'
  FOR JSON PATH, INCLUDE_NULL_VALUES);`;

const Certificate = z.object({
  name: z.string(),
  thumbprint: z.string(),
  /** MK: by the master key of the database; PW, SK: by something that only its owner has. */
  protection: z.string(),
  databases: z.array(z.object({ name: z.string().nullable() })).nullable(),
});

const Exported = z.array(z.object({ name: z.string(), encoded: z.string().nullable(), key: z.string().nullable() }));

export interface StoredCertificate {
  readonly name: string;
  readonly thumbprint: string;
  /** Databases that cannot be restored anywhere without it. */
  readonly databases: readonly string[];
  /** Hexadecimal literals; `undefined` where its private key is not in the backup. */
  readonly exported: { readonly encoded: string; readonly key: string } | undefined;
}

/**
 * The certificates, with their private keys where there is a password for them. It goes to the server over the input of
 * a session: arguments would show it.
 */
export async function readCertificates(
  client: SqlServerClient,
  session: SqlServerSession,
  password: string | undefined,
): Promise<readonly StoredCertificate[]> {
  const found = await client.ask('the certificates', CERTIFICATES, z.array(Certificate).default([]));
  const movable = found.some(({ protection }) => protection === 'MK');
  const keys =
    password && movable ? await session.ask('private keys', exportStatement(password), Exported.default([])) : [];
  return found.map(({ name, thumbprint, databases }) => {
    const { encoded, key } = keys.find((one) => one.name === name) ?? {};
    const names = (databases ?? []).flatMap((one) => (one.name === null ? [] : [one.name]));
    return { name, thumbprint, databases: names, exported: encoded && key ? { encoded, key } : undefined };
  });
}

/** https://learn.microsoft.com/sql/t-sql/functions/certprivatekey-transact-sql */
function exportStatement(password: string): string {
  return `SET @answer = (SELECT c.name AS [name], CONVERT(varchar(max), CERTENCODED(c.certificate_id), 1) AS [encoded],
    CONVERT(varchar(max), CERTPRIVATEKEY(c.certificate_id, ${literal(password)}), 1) AS [key]
    FROM sys.certificates AS c WHERE c.pvt_key_encryption_type = N'MK' AND c.name NOT LIKE N'##%'
    FOR JSON PATH, INCLUDE_NULL_VALUES);`;
}

export function scriptCertificates(certificates: readonly StoredCertificate[], script: Script): void {
  script.comment('Certificates of master. It needs a master key first: CREATE MASTER KEY ENCRYPTION BY PASSWORD = ...');
  for (const { name, thumbprint, databases, exported } of certificates) {
    const use = databases.length === 0 ? '' : `, which encrypts ${databases.map(identifier).join(', ')}`;
    script.comment(`certificate ${identifier(name)}, thumbprint ${thumbprint}${use}`);
    if (!exported) {
      script.comment(
        'its private key is not in this backup: BACKUP CERTIFICATE ... WITH PRIVATE KEY made one elsewhere',
      );
      continue;
    }
    script.comment(`put what ${PASSWORD_VARIABLE} was in the place of the password`);
    script.batch(
      `IF CERT_ID(${literal(name)}) IS NULL CREATE CERTIFICATE ${identifier(name)} FROM BINARY = ${exported.encoded} WITH PRIVATE KEY (BINARY = ${exported.key}, DECRYPTION BY PASSWORD = N'the password');`,
    );
  }
}
