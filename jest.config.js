'use strict';

/**
 * One project for the fast tests (`npm test`: an installation is all they need) and one for each suite under
 * `test/suites`, `test/pack` and `test/golden`, which have commands of their own because they need a build, an
 * installation of the package, or minutes.
 */
const base = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
      },
    ],
  },
  // A provider's barrel or a resource's file is large: only what is ours is worth transforming or watching.
  transformIgnorePatterns: ['/node_modules/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/out/', '<rootDir>/cdk.out/', '<rootDir>/cdktf.out/'],
};

const withoutCdkValidation = { setupFiles: ['<rootDir>/test/setup.ts'] };

const suite = (name, folder, extra = {}) => ({
  ...base,
  ...extra,
  displayName: name,
  testMatch: [`<rootDir>/${folder}/**/*.test.ts`],
});

module.exports = {
  projects: [
    {
      ...base,
      ...withoutCdkValidation,
      displayName: 'fast',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/test/suites/',
        '<rootDir>/test/pack/',
        '<rootDir>/test/golden/',
      ],
    },
    suite('pack', 'test/pack'),
    suite('validation', 'test/suites/validation'),
    suite('policy', 'test/suites/policy'),
    suite('long', 'test/suites/long', withoutCdkValidation),
  ],
};
