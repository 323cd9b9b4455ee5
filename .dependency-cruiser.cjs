'use strict';

/**
 * Who may import whom: the folder table of ARCHITECTURE.md as rules. Data only flows from the spec to the clouds, so
 * an import against that direction is a design fault and not a matter of taste.
 */

/** `ours`: folders of lib a folder may import; `types`: the same, but only for types; `packages`: npm packages. */
const FOLDERS = {
  diagnostics: { ours: [], packages: ['picocolors'] },
  units: { ours: [], packages: ['@js-joda/core', '@js-joda/timezone'] },
  syntax: { ours: ['diagnostics'], packages: [] },
  clouds: { ours: ['units'], packages: [] },
  contract: { ours: ['units'], packages: ['zod'] },
  spec: { ours: ['syntax', 'units', 'clouds', 'diagnostics'], packages: ['zod'] },
  plan: { ours: ['units', 'clouds', 'contract', 'diagnostics'], types: ['spec'], packages: ['zod'] },
  compile: {
    ours: ['diagnostics', 'units', 'syntax', 'clouds', 'contract', 'spec', 'plan'],
    packages: [],
  },
  hosts: { ours: ['units', 'contract'], packages: [] },
  aws: {
    ours: ['plan', 'contract', 'units', 'clouds', 'hosts'],
    // zod reads finished templates, which are somebody else's JSON.
    packages: ['aws-cdk-lib', 'constructs', 'zod'],
  },
  terraform: { ours: ['units', 'contract'], packages: ['cdktf', 'constructs', 'zod'] },
  azure: {
    ours: ['plan', 'contract', 'units', 'clouds', 'hosts', 'terraform'],
    packages: ['@cdktf/provider-azurerm', 'constructs'],
  },
  google: {
    ours: ['plan', 'contract', 'units', 'clouds', 'hosts', 'terraform'],
    packages: ['@cdktf/provider-google', 'constructs'],
  },
  runner: {
    ours: ['contract', 'units', 'diagnostics'],
    packages: ['@aws-sdk', '@azure', '@google-cloud', 'google-auth-library', '@js-joda', 'age-encryption', 'zod'],
  },
  review: { ours: ['plan', 'units', 'diagnostics'], packages: [] },
};

/** Who may touch the machine: the command line, the runner, and what reads the templates that a CDK has just written. */
const IMPURE = '^lib/(cli/|runner/|(aws|terraform)/(synth|own-rules|manifest-asset)[.]ts$)';
/** Node modules without a side effect. */
const PURE_NODE = ['crypto', 'util', 'assert'];

const anyOf = (names) => `(${names.join('|')})`;
const ours = (names) => `^lib/${anyOf(names)}/`;
const installed = (names) => `(^|/)node_modules/${anyOf(names)}(/|$)`;

const folderRules = Object.entries(FOLDERS).flatMap(([folder, may]) => [
  {
    name: `${folder}-imports`,
    comment: `lib/${folder} may import ${may.ours.concat(may.types ?? []).join(', ') || 'nothing of ours'}`,
    severity: 'error',
    from: { path: `^lib/${folder}/` },
    to: { path: '^(lib|stacks|bin|test|scripts)/', pathNot: ours([folder, ...may.ours, ...(may.types ?? [])]) },
  },
  ...(may.types
    ? [
        {
          name: `${folder}-types-only`,
          comment: `lib/${folder} may import only types of ${may.types.join(', ')}`,
          severity: 'error',
          from: { path: `^lib/${folder}/` },
          to: { path: ours(may.types), dependencyTypesNot: ['type-only'] },
        },
      ]
    : []),
  {
    name: `${folder}-packages`,
    comment: `lib/${folder} may import ${may.packages.join(', ') || 'no package'}`,
    severity: 'error',
    from: { path: `^lib/${folder}/` },
    to: may.packages.length
      ? { path: '(^|/)node_modules/', pathNot: installed(may.packages) }
      : { path: '(^|/)node_modules/' },
  },
]);

const stackRules = [
  ['aws', ['aws'], ['aws-cdk-lib', 'constructs']],
  ['azure', ['azure', 'terraform'], ['constructs']],
  ['google', ['google', 'terraform'], ['constructs']],
].flatMap(([cloud, folders, packages]) => [
  {
    name: `${cloud}-stack-imports`,
    comment: `stacks/${cloud} wires lib/${cloud} from the plan and knows no other cloud`,
    severity: 'error',
    from: { path: `^stacks/${cloud}/` },
    to: {
      path: '^(lib|stacks|bin|test|scripts)/',
      pathNot: `^(stacks/${cloud}|lib/${anyOf([...folders, 'plan', 'contract', 'units', 'clouds'])})/`,
    },
  },
  {
    name: `${cloud}-stack-packages`,
    severity: 'error',
    from: { path: `^stacks/${cloud}/` },
    to: { path: '(^|/)node_modules/', pathNot: installed(packages) },
  },
]);

const COMMON_RULES = [
  {
    name: 'no-circular',
    comment: 'two files that only name each other in their types are not a cycle when the program runs',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  {
    name: 'folder-in-the-table',
    comment: 'a new folder of lib gets a line in the table first',
    severity: 'error',
    from: { path: '^(lib|stacks|bin)/' },
    to: { path: '^lib/[^/]+/', pathNot: ours([...Object.keys(FOLDERS), 'cli']) },
  },
  {
    name: 'pure',
    comment: 'only the command line and the runner touch files, processes and the network',
    severity: 'error',
    from: { path: '^(lib|stacks)/', pathNot: IMPURE },
    to: { dependencyTypes: ['core'], pathNot: `^(node:)?${anyOf(PURE_NODE)}$` },
  },
  {
    name: 'cli-without-runner',
    comment: 'a drill starts the bundled runner as a child process',
    severity: 'error',
    from: { path: '^lib/cli/' },
    to: { path: '^(lib/runner|bin|test|scripts)/' },
  },
  {
    name: 'root-without-clouds',
    comment: "importing the package's main entry loads no cloud library",
    severity: 'error',
    from: { path: '^lib/[^/]+$' },
    to: { path: `^(lib/${anyOf(['aws', 'azure', 'google', 'terraform', 'cli', 'runner'])}|stacks|bin|test|scripts)/` },
  },
  {
    name: 'no-provider-barrel',
    comment: 'deep paths only: a barrel costs a second and 400 MB',
    severity: 'error',
    from: { path: '^(lib|stacks|bin|test)/' },
    to: { path: 'node_modules/@cdktf/provider-[a-z]+/(lib/index[.](js|d[.]ts)|package[.]json)$' },
  },
  {
    name: 'product-without-tests',
    severity: 'error',
    from: { path: '^(lib|stacks|bin)/' },
    to: { path: '^(test|scripts)/' },
  },
  {
    name: 'declared',
    comment: 'what the package imports is one of its dependencies or peers',
    severity: 'error',
    from: { path: '^(lib|stacks|bin)/' },
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
  },
];

module.exports = {
  forbidden: [...COMMON_RULES, ...folderRules, ...stackRules],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['types', 'require', 'node', 'default'] },
  },
};
