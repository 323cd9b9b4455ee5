'use strict';

const { readdirSync } = require('node:fs');
const path = require('node:path');

/** age and the evaluator of IAM conditions come as ES modules, which Node loads by `import()` and jest does not. */
const ES_MODULES = '(age-encryption|@noble|@scure|@marcbachmann)';

/**
 * One project for the fast tests (`npm test`: an installation is all they need) and one for each suite in
 * `test/suites` and `test/pack`, which have commands of their own because they need a build, an
 * installation of the package, or minutes.
 */
const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    [`^.+\\.tsx?$|/node_modules/${ES_MODULES}/.+\\.js$`]: [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      },
    ],
  },
  // Dynamic imports name their file as Node sees it after the build; here it is TypeScript.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // A provider's barrel or a resource's file is large: only what is ours is worth transforming or watching.
  transformIgnorePatterns: [`/node_modules/(?!${ES_MODULES}/)`],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/out/', '<rootDir>/cdk.out/', '<rootDir>/cdktf.out/'],
};

const withoutCdkValidation = { setupFiles: ['<rootDir>/test/setup.ts'] };

const suite = (name, folder, extra = {}) => ({
  ...base,
  ...extra,
  displayName: name,
  testMatch: [`<rootDir>/${folder}/**/*.test.ts`],
});

/** Each folder of `test/suites` is a project of its name. */
const suites = readdirSync(path.join(__dirname, 'test/suites'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) =>
    suite(name, `test/suites/${name}`, {
      ...(name !== 'validation' && withoutCdkValidation),
      setupFilesAfterEnv: ['<rootDir>/test/suites/patience.ts'],
      ...((name === 'runner' || name === 'sites') && {
        globalSetup: '<rootDir>/test/suites/bundles-before.ts',
        globalTeardown: '<rootDir>/test/suites/bundles-after.ts',
      }),
    }),
  );

module.exports = {
  // Jest leaves one core to whoever watches; nobody does on a machine with two.
  maxWorkers: '100%',
  projects: [
    {
      ...base,
      ...withoutCdkValidation,
      displayName: 'fast',
      setupFilesAfterEnv: ['<rootDir>/test/suites/patience.ts'],
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/suites/', '<rootDir>/test/pack/'],
    },
    suite('pack', 'test/pack'),
    ...suites,
  ],
};
