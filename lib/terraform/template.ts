/**
 * Makes text literal for Terraform, which reads `${` and `%{` in every string of its JSON syntax as the start of a
 * template. Shell, PowerShell, cloud-init and Google Workflows are full of both.
 *
 * A replacer function, because `$$` in a replacement text stands for one dollar sign; not CDKTF's `Fn.rawString`,
 * which leaves `%{` alone and doubles line breaks.
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function escapeTemplate(text: string): string {
  return text.replace(/([$%])\{/g, (_, sign: string) => `${sign}${sign}{`);
}
