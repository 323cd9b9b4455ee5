import { run } from '../lib/cli/program';
import { bug, machine } from './machine';

run(process.argv.slice(2), machine()).then((code) => {
  process.exitCode = code;
}, bug);
