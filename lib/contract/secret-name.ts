/**
 * A secret's name as each cloud's store can hold it. Secrets Manager takes the name of the task manifest as it is
 * (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html). Key Vault's have letters,
 * digits and "-" (https://learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates), Secret Manager's
 * "_" too (https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets/create): all else is "-" there.
 */
export function secretNameIn(cloud: 'aws' | 'azure' | 'google', name: string): string {
  if (cloud === 'aws') return name;
  return name.replace(cloud === 'azure' ? /[^0-9A-Za-z-]/g : /[^0-9A-Za-z_-]/g, '-');
}
