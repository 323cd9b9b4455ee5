/** The yardstick for Terraform: a CDKTF app with one resource. */
import { GoogleProvider } from '@cdktf/provider-google/lib/provider';
import { StorageBucket } from '@cdktf/provider-google/lib/storage-bucket';
import { App, TerraformStack } from 'cdktf';

const app = new App();
const stack = new TerraformStack(app, 'one-resource');
new GoogleProvider(stack, 'google', { project: 'acme' });
new StorageBucket(stack, 'bucket', { name: 'acme-backups', location: 'EU' });
app.synth();
