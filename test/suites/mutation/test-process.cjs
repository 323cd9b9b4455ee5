'use strict';

const path = require('node:path');
const { runCLI } = require('jest');
const { projects } = require('../../../jest.config.js');
const { SWITCH } = require('./checks.cjs');

/**
 * Runs fast tests with one check disabled, again and again: started with `{ root, files, testMatch, testTimeout }` as
 * JSON, it answers `{ off, related, tests, reachedFolder }` with what became of the tests.
 */
const { root, files, testMatch, testTimeout } = JSON.parse(process.argv[2]);
const { rootDir, transform, ...fast } = projects.find((one) => one.displayName === 'fast');
const [[pattern, [, settings]]] = Object.entries(transform);

const config = JSON.stringify({
  ...fast,
  displayName: 'with a check off',
  rootDir,
  roots: ['<rootDir>/lib', '<rootDir>/test'],
  testMatch,
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout,
  testEnvironment: path.join(__dirname, 'first-failure.cjs'),
  transform: { [pattern]: [path.join(__dirname, 'transform.cjs'), { root, files, settings }] },
  setupFilesAfterEnv: [path.join(__dirname, 'reached.cjs')],
  reporters: [],
});

process.on('message', ({ off = '', related, tests, reachedFolder = '' }) => {
  // Each test file gets a copy of the environment.
  Object.assign(process.env, { [SWITCH]: off, HYPDR_REACHED: reachedFolder });
  const chosen = related
    ? { findRelatedTests: true, _: related.map((file) => path.join(root, file)) }
    : { runTestsByPath: true, _: tests };
  runCLI({ config, runInBand: true, silent: true, watchman: false, ...chosen }, [rootDir]).then(
    ({ results }) => process.send({ files: results.testResults.map(outcomeOf) }),
    (error) => process.send({ error: error.stack }),
  );
});

function outcomeOf({ testFilePath, perfStats, testResults, failureMessage }) {
  return {
    test: testFilePath,
    seconds: perfStats.runtime / 1000,
    failed: testResults.filter((one) => one.status === 'failed').map((one) => one.fullName),
    // A file that can't be loaded has no tests that fail.
    failure: failureMessage ?? '',
  };
}
