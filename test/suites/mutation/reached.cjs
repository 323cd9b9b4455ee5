'use strict';

const { createHash } = require('node:crypto');
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const fc = require('fast-check');

// The same examples in every run: what turned red once does so again.
fc.configureGlobal({ seed: 20261122 });

/** Writes down which checks the tests of a file have come across. */
afterAll(() => {
  const folder = process.env.HYPDR_REACHED;
  if (!folder) return;
  const { testPath } = expect.getState();
  const reached = [...(globalThis.__reachedChecks ?? [])];
  const name = createHash('sha256').update(testPath).digest('hex');
  writeFileSync(path.join(folder, `${name}.json`), JSON.stringify({ test: testPath, reached }));
});
