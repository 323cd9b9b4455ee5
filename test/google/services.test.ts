import { addGoogleStacks } from '../../stacks/google';
import { resources, synthStack } from '../terraform/synth-stack';
import { googleStack } from './fixture';

test('each API is switched on, and stays on when the stack goes', () => {
  const stack = synthStack(googleStack.name, (app) => addGoogleStacks(app, [googleStack]));
  expect(resources(stack, 'google_project_service')).toEqual([
    { service: 'cloudkms.googleapis.com', disable_on_destroy: false },
    { service: 'storage.googleapis.com', disable_on_destroy: false },
  ]);
});
