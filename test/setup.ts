import * as stackTrace from 'cdktf/lib/tokens/private/stack-trace';

/**
 * aws-cdk-lib starts its rule engine in every `Template.fromStack`, which costs each of the many small construct tests
 * about a second. The suites that exist to run it live in `test/suites/validation`, which has a project without this file.
 */
process.env['CDK_VALIDATION'] = 'false';

/**
 * cdktf takes a whole stack trace for each token, and jest looks up each line of it in source maps: half of the time of a
 * test of stacks. Nobody reads them here.
 */
Object.assign(stackTrace, { captureStackTrace: () => [] });
