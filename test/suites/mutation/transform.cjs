'use strict';

const { createHash } = require('node:crypto');
const path = require('node:path');
const swc = require('@swc/jest');
const { instrument } = require('./checks.cjs');

/** The transform of the fast tests, with switches in the files that are looked at. */
function createTransformer({ root, files, settings }) {
  const plain = swc.createTransformer(settings);
  const read = (source, file) => {
    const name = path.relative(root, file).split(path.sep).join('/');
    return files.includes(name) ? instrument(name, source).code : source;
  };
  return {
    process: (source, file, options) => plain.process(read(source, file), file, options),
    getCacheKey: (source, file, options) =>
      createHash('sha256')
        .update(plain.getCacheKey(source, file, options))
        .update(read(source, file))
        .digest('hex'),
  };
}

module.exports = { createTransformer };
