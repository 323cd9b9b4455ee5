import type { StackJson } from '../../lib/terraform/stack-json';
import { holds } from './abac';
import { coldPlan, shard } from './contoso';
import { create, identityOf, list, other, read, remove, removeVersion, tier, write } from './task-rights';
import type { Ask, Identity } from './task-rights';

/** What each identity of a task may and may not do, by the role definitions and conditions of the template itself. */
const { template } = shard();
const HOME = 'contosobackups/databases';
const VAULT = 'contosovault/vault';
const CONFIG = 'contosobackups/hypdr-tasks';
const RUN = 'ledger/2026/11/20261122T221200Z-full';
const OBJECT = `${RUN}-0011223344556677/database-1-ledger.0001`;
const MANIFEST = `${RUN}.manifest.json`;
const LEDGER = `_verified/ledger/${MANIFEST}`;

const managed = (name: string, from: StackJson = template): Identity =>
  identityOf(from, (principal) => principal.includes(`.${name}_identity`));
const file = (task: string): string => {
  const { name } = template.resource?.azurerm_storage_blob?.[`manifest_${task}`] ?? {};
  return String(name);
};

/** Nobody who runs by a schedule may do any of these. */
const NEVER: readonly Ask[] = [
  tier(HOME, OBJECT),
  other('tags/write')(HOME, OBJECT),
  other('permanentDelete/action')(HOME, OBJECT),
  other('move/action')(HOME, OBJECT),
  other('immutableStorage/runAsSuperUser/action')(HOME, OBJECT),
  removeVersion(HOME, LEDGER),
  remove(HOME, LEDGER),
  write(HOME, 'shop/2026/11/x'),
  write(HOME, '_recovery/0011/recipe.md'),
  write(HOME, '_verified/shop/x'),
  create(HOME, '_verified/shop/x'),
  write(CONFIG, file('ledger')),
  list(HOME, ''),
  list(HOME, 'shop/'),
  list(CONFIG, ''),
  read(CONFIG, file('shop')),
];

const IDENTITIES: readonly (readonly [name: string, { allowed: readonly Ask[]; forbidden: readonly Ask[] }])[] = [
  [
    'task_ledger_writer',
    {
      allowed: [
        write(HOME, OBJECT),
        create(HOME, OBJECT),
        write(HOME, MANIFEST),
        create(VAULT, 'data/ledger/20261122T221200Z-full.manifest.json'),
        read(HOME, MANIFEST),
        list(HOME, 'ledger/'),
        list(HOME, 'ledger/2026/11/'),
        list(VAULT, 'data/ledger/'),
        read(CONFIG, file('ledger')),
      ],
      forbidden: [
        read(HOME, OBJECT),
        read(HOME, LEDGER),
        write(HOME, LEDGER),
        create(HOME, LEDGER),
        list(HOME, '_verified/ledger/'),
        remove(HOME, OBJECT),
        removeVersion(HOME, OBJECT),
        write(VAULT, 'data/shop/x'),
      ],
    },
  ],
  [
    'task_ledger_restorer',
    {
      allowed: [
        read(HOME, OBJECT),
        read(HOME, MANIFEST),
        read(HOME, LEDGER),
        read(HOME, '_records/ledger/a.json'),
        create(HOME, '_records/ledger/a.json'),
        list(HOME, 'ledger/'),
        list(HOME, '_verified/ledger/ledger/'),
        list(HOME, '_records/ledger/'),
        read(CONFIG, file('ledger')),
      ],
      forbidden: [
        write(HOME, OBJECT),
        create(HOME, MANIFEST),
        create(HOME, LEDGER),
        // With this right a Put Blob writes over what is there.
        write(HOME, '_records/ledger/a.json'),
        write(HOME, LEDGER),
        create(HOME, '_records/shop/a.json'),
        read(HOME, '_records/shop/a.json'),
        remove(HOME, OBJECT),
        remove(HOME, '_records/ledger/a.json'),
        removeVersion(HOME, OBJECT),
        read(HOME, 'shop/2026/11/x'),
      ],
    },
  ],
  [
    'task_ledger_verifier',
    {
      allowed: [
        read(HOME, OBJECT),
        read(HOME, MANIFEST),
        read(HOME, LEDGER),
        create(HOME, LEDGER),
        list(HOME, 'ledger/'),
        list(HOME, '_verified/ledger/ledger/'),
        create(HOME, '_recovery/0011/recipe.md'),
        list(HOME, '_recovery/0011/'),
        read(CONFIG, file('ledger')),
      ],
      forbidden: [
        // With this right an entry could be written over.
        write(HOME, LEDGER),
        write(HOME, '_recovery/0011/recipe.md'),
        write(HOME, OBJECT),
        create(HOME, MANIFEST),
        remove(HOME, OBJECT),
        removeVersion(HOME, OBJECT),
        read(HOME, 'shop/2026/11/x'),
        read(HOME, '_recovery/0011/recipe.md'),
      ],
    },
  ],
  [
    'task_ledger_pruner',
    {
      allowed: [
        read(HOME, LEDGER),
        read(HOME, MANIFEST),
        list(HOME, 'ledger/'),
        list(HOME, '_verified/ledger/'),
        remove(HOME, OBJECT),
        removeVersion(HOME, OBJECT),
        removeVersion(HOME, MANIFEST),
      ],
      forbidden: [
        read(HOME, OBJECT),
        write(HOME, OBJECT),
        create(HOME, OBJECT),
        create(HOME, LEDGER),
        remove(HOME, 'shop/2026/11/x'),
        removeVersion(HOME, '_verified/shop/x'),
      ],
    },
  ],
];

describe.each(IDENTITIES)('%s', (name, { allowed, forbidden }) => {
  const identity = managed(name);
  test('may do what it is for', () => {
    expect(allowed.filter((ask) => !identity.allows(ask))).toEqual([]);
  });
  test('may do nothing else', () => {
    expect([...forbidden, ...NEVER].filter((ask) => identity.allows(ask))).toEqual([]);
  });
});

describe('who asks for what is archived before a test restore', () => {
  const from = shard(coldPlan).template;
  const [manifest = ''] = Object.entries(from.resource?.azurerm_storage_blob ?? {}).flatMap(([id, { name }]) =>
    id === 'manifest_ledger' ? [String(name)] : [],
  );
  const thawer = managed('task_ledger_thawer', from);

  test('moves the blobs of its task, and reads what tells of them', () => {
    const allowed = [
      tier(HOME, OBJECT),
      tier(HOME, MANIFEST),
      tier(VAULT, 'data/ledger/20261122T221200Z-full-0011/x'),
      read(HOME, MANIFEST),
      read(HOME, LEDGER),
      list(HOME, 'ledger/'),
      list(HOME, '_verified/ledger/ledger/'),
      read(CONFIG, manifest),
    ];
    expect(allowed.filter((ask) => !thawer.allows(ask))).toEqual([]);
  });

  test('reads no data, writes nothing, and moves nothing of others', () => {
    const forbidden = [
      read(HOME, OBJECT),
      write(HOME, OBJECT),
      write(HOME, MANIFEST),
      write(HOME, LEDGER),
      create(HOME, OBJECT),
      create(HOME, '_records/ledger/a.json'),
      write(HOME, '_records/ledger/a.json'),
      remove(HOME, OBJECT),
      tier(HOME, LEDGER),
      tier(HOME, '_records/ledger/a.json'),
      tier(HOME, 'shop/2026/11/x'),
      tier(CONFIG, manifest),
      ...NEVER.slice(1),
    ];
    expect(forbidden.filter((ask) => thawer.allows(ask))).toEqual([]);
    expect(thawer.builtIn).toEqual([]);
  });

  test('is nobody else: who restores moves nothing', () => {
    for (const name of ['restorer', 'verifier', 'pruner', 'writer'])
      expect(managed(`task_ledger_${name}`, from).allows(tier(HOME, OBJECT))).toBe(false);
    expect(() => managed('task_shop_thawer', from)).toThrow('no such identity');
    expect(() => managed('task_ledger_thawer')).toThrow('no such identity');
  });

  test('has a role without rights that no condition narrows', () => {
    const roles = Object.entries(from.resource?.azurerm_role_definition ?? {});
    const [role] = roles.filter(([id]) => id.includes('thawer'));
    expect(role?.[1].permissions).toEqual([
      {
        data_actions: ['read', 'write'].map(
          (one) => `Microsoft.Storage/storageAccounts/blobServices/containers/blobs/${one}`,
        ),
      },
    ]);
    expect(Object.keys(template.resource?.azurerm_role_definition ?? {}).some((id) => id.includes('thawer'))).toBe(
      false,
    );
  });
});

describe('the prober', () => {
  const prober = identityOf(template, (principal) => principal.includes('.prober_identity'));
  test('reads every ledger and manifests of tasks, and nothing else', () => {
    const allowed = [
      read(HOME, LEDGER),
      list(HOME, '_verified/shop/'),
      list(HOME, '_records/shop/'),
      // What prunes left lies there: names are enough.
      list(HOME, 'ledger/'),
      read(CONFIG, file('ledger')),
      read(CONFIG, file('shop')),
    ];
    const forbidden = [
      read(HOME, OBJECT),
      read(HOME, MANIFEST),
      list(HOME, ''),
      list(HOME, '_recovery/'),
      create(HOME, LEDGER),
      remove(HOME, LEDGER),
    ];
    expect(allowed.filter((ask) => !prober.allows(ask))).toEqual([]);
    expect(forbidden.filter((ask) => prober.allows(ask))).toEqual([]);
  });
});

describe('a host', () => {
  const host = identityOf(template, (principal) => principal.includes('var.machines_erp'));
  const ERP = 'contosobackups/erp';
  test('writes its backups and reads its ledger, since pruning of its own folder goes by that', () => {
    const allowed = [
      write(ERP, '2026/11/22/20261122T215600Z-full-0011/database-1-erp.0001'),
      read(ERP, '2026/11/22/20261122T215600Z-full.manifest.json'),
      read(ERP, '_verified/erp/2026/11/22/20261122T215600Z-full.manifest.json'),
      list(ERP, '2'),
      list(ERP, '_verified/erp/2'),
      read(CONFIG, `runner/${'0123456789abcdef'.repeat(4)}.js`),
    ];
    const forbidden = [
      read(ERP, '2026/11/22/20261122T215600Z-full-0011/database-1-erp.0001'),
      write(ERP, '_verified/erp/x'),
      create(ERP, '_verified/erp/x'),
      remove(ERP, '2026/x'),
      removeVersion(ERP, '2026/x'),
      tier(ERP, '2026/x'),
      read(CONFIG, file('erp')),
      write(CONFIG, `runner/${'0123456789abcdef'.repeat(4)}.js`),
      read(HOME, LEDGER),
    ];
    expect(allowed.filter((ask) => !host.allows(ask))).toEqual([]);
    expect(forbidden.filter((ask) => host.allows(ask))).toEqual([]);
  });
});

test('secrets are read one by one, by those who write backups', () => {
  const secret = (name: string) => managed(name).builtIn;
  expect(secret('task_ledger_writer')).toEqual([
    'Key Vault Secrets User ${var.secrets_vault_id}/secrets/contoso-ledger',
  ]);
  for (const name of ['task_ledger_verifier', 'task_ledger_pruner']) expect(secret(name)).toEqual([]);
});

test('Logic Apps may start and look at jobs in the group of the tasks, and nothing else', () => {
  const roles = template.resource?.azurerm_role_definition ?? {};
  const [starter] = Object.entries(roles).filter(([name]) => name.includes('starter'));
  expect(starter?.[1].permissions).toEqual([
    {
      actions: [
        'Microsoft.App/jobs/read',
        'Microsoft.App/jobs/*/read',
        'Microsoft.App/jobs/start/action',
        'Microsoft.Automation/automationAccounts/jobs/read',
      ],
    },
  ]);
  const given = Object.values(template.resource?.azurerm_role_assignment ?? {}).filter((one) =>
    String(one.principal_id).includes('.starter_'),
  );
  expect(given.map((one) => String(one.scope).replace(/.*\/resourceGroups/, '/resourceGroups'))).toEqual([
    '/resourceGroups/rg-contoso-tasks-uksouth',
  ]);
  const identities = Object.values(template.resource?.azurerm_logic_app_workflow ?? {}).map((one) => one.identity);
  expect(identities.length).toBeGreaterThan(0);
  for (const one of identities) {
    expect(one).toEqual({
      type: 'UserAssigned',
      identity_ids: [expect.stringContaining('azurerm_user_assigned_identity.starter_')],
    });
  }
});

test('no role is one of those that can delete or hand out rights', () => {
  const names = Object.values(template.resource?.azurerm_role_assignment ?? {}).flatMap((one) =>
    typeof one.role_definition_name === 'string' ? [one.role_definition_name] : [],
  );
  expect([...new Set(names)]).toEqual(['Key Vault Secrets User']);
  for (const role of Object.values(template.resource?.azurerm_role_definition ?? {}))
    expect(JSON.stringify(role.permissions)).not.toMatch(/tags|move|Owner|runAsSuperUser|"\*"|permanentDelete/);
});

describe('a fault in the template turns the table red', () => {
  const changed = (change: (condition: string) => string): Identity => {
    const assignments = Object.entries(template.resource?.azurerm_role_assignment ?? {}).map(([name, one]) => [
      name,
      typeof one.condition === 'string' ? { ...one, condition: change(one.condition) } : one,
    ]);
    const resource = { ...template.resource, azurerm_role_assignment: Object.fromEntries(assignments) };
    return managed('task_ledger_writer', { ...template, resource } as StackJson);
  };

  test('a condition that lets everything be read', () => {
    const open = changed((one) => one.replaceAll("'ledger/*.manifest.json'", "'ledger/*'"));
    expect(open.allows(read(HOME, OBJECT))).toBe(true);
  });
  test('a condition without the prefix', () => {
    expect(changed((one) => one.replaceAll("'ledger/*'", "'*'")).allows(write(HOME, LEDGER))).toBe(true);
  });
  test('a condition that says nothing', () => {
    expect(changed(() => "(!(ActionMatches{'x'}))").allows(tier(HOME, OBJECT))).toBe(true);
  });
});

describe('the evaluator', () => {
  const action = 'a/read';
  test.each([
    ["(!(ActionMatches{'a/read'}))", false],
    ["(!(ActionMatches{'a/write'}))", true],
    ["((!(ActionMatches{'a/read'})) OR (@Resource[x:path] ForAnyOfAnyValues:StringLike {'b/*'}))", true],
    ["((!(ActionMatches{'a/read'})) OR (@Resource[x:path] ForAnyOfAnyValues:StringLike {'c/*', 'd'}))", false],
    ["(!(ActionMatches{'a/read'} AND NOT SubOperationMatches{'Blob.List'}))", false],
    ["(@Request[x:prefix] ForAnyOfAnyValues:StringLike {'*'})", false],
    ["(@Resource[x:path] ForAnyOfAnyValues:StringLike {'b/it\\'s'})", false],
  ])('%s is %s', (condition, expected) => {
    expect(holds(condition, { action, path: 'b/x' })).toBe(expected);
  });
  test('refuses what it does not know', () => {
    expect(() => holds("(@Resource[x:path] StringWeird {'b'})", { action })).toThrow('not understood');
    expect(() => holds("(ActionMatches{'a'}", { action })).toThrow('a bracket stays open');
  });
});

test('the restorer signs with one key of the vault, and nobody else does', () => {
  const { azurerm_role_assignment: assignments = {}, azurerm_role_definition: roles = {} } =
    shard().template.resource ?? {};
  const signs = Object.entries(roles).filter(([, { permissions }]) => JSON.stringify(permissions).includes('KeyVault'));
  expect(signs.map(([, { permissions }]) => permissions)).toEqual([
    [{ data_actions: ['Microsoft.KeyVault/vaults/keys/read', 'Microsoft.KeyVault/vaults/keys/sign/action'] }],
  ]);
  const granted = Object.values(assignments).filter(({ role_definition_id: id }) =>
    String(id).includes(String(signs[0]?.[0])),
  );
  expect(granted.map(({ scope }) => scope)).toEqual(['${var.secrets_vault_id}/keys/restore-records']);
  expect(String(granted[0]?.principal_id)).toContain('task_ledger_restorer');
});
