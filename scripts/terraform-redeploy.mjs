/** Usage: node scripts/terraform-redeploy.mjs <REQUEST, both JSON: what `redeploy` is given, and what it answers. */
import { text } from 'node:stream/consumers';
import { redeploy } from './terraform/redeploy.mjs';

process.stdout.write(JSON.stringify(await redeploy(JSON.parse(await text(process.stdin)))));
