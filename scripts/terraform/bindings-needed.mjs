import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Folder names of the bindings that the stacks use, by provider. */
export function bindingsNeeded(folders) {
  const needed = new Map();
  for (const folder of folders) {
    const {
      provider = {},
      resource = {},
      data = {},
    } = JSON.parse(readFileSync(path.join(folder, 'cdk.tf.json'), 'utf8'));
    const add = (name, binding) => needed.set(name, (needed.get(name) ?? new Set(['provider'])).add(binding));
    for (const name of Object.keys(provider)) add(name, 'provider');
    for (const type of Object.keys(resource)) add(...splitType(type));
    for (const type of Object.keys(data)) {
      const [name, binding] = splitType(type);
      add(name, `data-${name}-${binding}`);
    }
  }
  // Terraform's own `terraform_data` and `terraform_remote_state` need no provider.
  needed.delete('terraform');
  return needed;
}

/** `azurerm_storage_account` is the binding `storage-account` of `azurerm`. */
function splitType(type) {
  const [provider, ...rest] = type.split('_');
  return [provider, rest.join('-')];
}
