import tseslint from 'typescript-eslint';

const BARRELS = [
  { name: '@cdktf/provider-azurerm', message: 'deep paths only: the barrel costs a second and 400 MB' },
  { name: '@cdktf/provider-google', message: 'deep paths only: the barrel costs a second and 400 MB' },
];
const CDKTF = { name: 'cdktf', message: 'only lib/terraform knows cdktf: its fork stays one folder away' };
const restrictImports = (paths) => ['error', { paths }];

const ENVIRONMENT = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'only bin reads the environment: pass the value in',
};
const CLOCK = {
  selector:
    "CallExpression[callee.object.name='Date'][callee.property.name='now'], NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'no clock below bin: pass the time in',
};
const DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'named exports only' };
const EXIT = {
  selector: "CallExpression[callee.object.name='process'][callee.property.name='exit']",
  message: 'only bin exits: return the failure as a value',
};

export default tseslint.config(
  { ignores: ['node_modules/', 'dist/', 'out/', 'cdk.out/', 'cdktf.out/', 'coverage/', 'test/golden/**/*.json'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'no-console': 'error',
      'no-restricted-imports': restrictImports([...BARRELS, CDKTF]),
      'no-restricted-syntax': ['error', DEFAULT_EXPORT, ENVIRONMENT, CLOCK, EXIT],
      eqeqeq: 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['lib/terraform/**'], rules: { 'no-restricted-imports': restrictImports(BARRELS) } },
  { files: ['bin/**', 'lib/cli/**'], rules: { 'no-console': 'off' } },
  { files: ['bin/**'], rules: { 'no-restricted-syntax': ['error', DEFAULT_EXPORT] } },
  {
    files: ['test/**'],
    rules: {
      'no-restricted-syntax': ['error', DEFAULT_EXPORT],
      'no-restricted-imports': restrictImports(BARRELS),
      'max-lines': ['error', 500],
    },
  },
  // A registry is one table, however long it grows.
  { files: ['lib/diagnostics/codes.ts'], rules: { 'max-lines': 'off' } },
  { files: ['stacks/**'], rules: { 'max-lines': ['error', 120] } },
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    extends: [tseslint.configs.recommended],
    rules: { 'max-lines': ['error', 300], '@typescript-eslint/no-require-imports': 'off' },
  },
);
