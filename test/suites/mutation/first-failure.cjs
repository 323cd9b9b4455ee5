'use strict';

const { TestEnvironment } = require('jest-environment-node');

/** Ends a file of tests at its first failure: one red test is enough, and the others may wait for ever. */
class FirstFailure extends TestEnvironment {
  #failed = false;

  handleTestEvent(event) {
    if (event.name === 'test_done' && event.test.errors.length > 0) this.#failed = true;
    if (event.name === 'test_start' && this.#failed) event.test.mode = 'skip';
  }
}

module.exports = FirstFailure;
