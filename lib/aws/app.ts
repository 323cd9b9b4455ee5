import { App, Aspects, Validations } from 'aws-cdk-lib';
import { FEATURE_FLAGS } from './flags';
import { OwnRules } from './own-rules';
import { RolesBoundary } from './roles-boundary';

/**
 * What cdk.json says beside the flags. The three add to every template what only this machine or this version of the
 * CDK knows: the library's version, construct paths, asset paths.
 * @see https://docs.aws.amazon.com/cdk/v2/guide/cli.html#cli-config
 */
export const CLI_SETTINGS = { versionReporting: false, pathMetadata: false, assetMetadata: false } as const;

/** The same three as the library reads them from the context, and no stack traces. */
const SETTINGS_CONTEXT = {
  'aws:cdk:version-reporting': CLI_SETTINGS.versionReporting,
  'aws:cdk:enable-path-metadata': CLI_SETTINGS.pathMetadata,
  'aws:cdk:enable-asset-metadata': CLI_SETTINGS.assetMetadata,
  // Where in which file of this machine a construct was made: in the assembly's metadata, and of no use to its reader.
  'aws:cdk:disable-stack-trace': true,
  'aws:cdk:disable-creation-stack-traces': true,
};

export interface CreateAppProps {
  /** Folder of the cloud assembly. @default - the one that the CDK's command line names, else a temporary one */
  readonly outdir?: string;
  /** Managed policy that bounds what each role may be given, by its name. @default - none */
  readonly rolesBoundary?: string | undefined;
}

/** An app whose templates depend on its stacks only: not on cdk.json, and not on whether the CDK's command line runs it. */
export function createApp(props: CreateAppProps = {}): App {
  const app = new App({
    outdir: props.outdir,
    analyticsReporting: CLI_SETTINGS.versionReporting,
    treeMetadata: false,
    postCliContext: { ...FEATURE_FLAGS, ...SETTINGS_CONTEXT },
  });
  if (props.rolesBoundary !== undefined) Aspects.of(app).add(new RolesBoundary(props.rolesBoundary));
  Validations.of(app).addPlugins(new OwnRules());
  return app;
}
