/**
 * aws-cdk-lib starts its rule engine in every `Template.fromStack`, which costs each of the many small construct tests
 * about a second. The suites that exist to run it live in `test/suites/validation`, which has a project without this file.
 */
process.env['CDK_VALIDATION'] = 'false';
