import type { Construct } from 'constructs';
import type { GoogleReader } from '../contract/google-readers';
import { input } from '../terraform';

/** Whom a provider of a pool lets in, in expressions of Terraform over the inputs of the deployment. */
export interface CopierTrust {
  readonly issuer: string;
  /** Whether the issuer was said: without `${`. */
  readonly isKnown: string;
  /** Audiences that tokens have. @default - the provider's own name, which is what jobs ask for when nobody tells them others */
  readonly audiences?: string[];
  /** In the language of Google's conditions. */
  readonly condition: string;
}

/** Characters of a condition of a provider. https://cloud.google.com/iam/docs/reference/rest/v1/projects.locations.workloadIdentityPools.providers */
const LONGEST_CONDITION = 4096;
/** What Google takes as a subject. */
const LONGEST_SUBJECT = 127;
const ID = '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}';
const SUBJECTS: Readonly<Record<GoogleReader['cloud'], SubjectInput>> = {
  aws: {
    pattern: 'arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]+',
    description: 'ARNs of the roles of the copy jobs on AWS: the outputs CopierSubjects of its stacks',
    says: 'a subject is the ARN of a role',
  },
  azure: {
    pattern: ID,
    description: 'object ids of the identities of the copy jobs on Azure: the outputs copier_subjects of its stacks',
    says: 'a subject is the object id of a managed identity',
  },
};

interface SubjectInput {
  readonly pattern: string;
  readonly description: string;
  readonly says: string;
}

/** Declares what a deployment is told of the jobs on another cloud. */
export function trustInputs(scope: Construct, reader: GoogleReader): CopierTrust {
  const known = reader.cloud === 'aws' ? awsIssuer(scope) : azureTenant(scope, reader);
  return { ...known, condition: oneOf(scope, reader.cloud, known.isKnown) };
}

/** An account of AWS has an issuer of its own, once outbound federation is on. */
function awsIssuer(scope: Construct): Omit<CopierTrust, 'condition'> {
  input(scope, 'aws_copier_issuer', {
    type: 'string',
    default: '',
    description:
      'issuer of the tokens of the AWS account: aws iam get-outbound-web-identity-federation-info --query IssuerIdentifier; empty until the jobs there are deployed',
    checks: [
      {
        condition: '${can(regex("^(https://[0-9a-z-]+[.]tokens[.]sts[.][0-9a-z.-]+)?$", var.aws_copier_issuer))}',
        errorMessage: 'it is empty, or https://ID.tokens.sts.global.api.aws',
      },
    ],
  });
  return { issuer: '${var.aws_copier_issuer}', isKnown: 'var.aws_copier_issuer != ""' };
}

/** Entra ID has an issuer for each tenant, and its tokens are for an application that stands for Google. */
function azureTenant(scope: Construct, { tenant }: GoogleReader): Omit<CopierTrust, 'condition'> {
  input(scope, 'azure_copier_tenant_id', {
    type: 'string',
    default: tenant ?? '',
    description: 'tenant of the copy jobs on Azure: az account show --query tenantId; empty until they are deployed',
    checks: [
      {
        condition: `\${can(regex("^(${ID})?$", var.azure_copier_tenant_id))}`,
        errorMessage: 'it is empty, or the id of a tenant',
      },
    ],
  });
  input(scope, 'azure_copier_audience', {
    type: 'string',
    default: 'api://hypnoscript-dr-google',
    description: 'application ID URI for which the copy jobs on Azure ask their tokens: google_copier_audience there',
    checks: [
      {
        condition: '${can(regex("^[A-Za-z][A-Za-z0-9+.-]*://.{1,200}$", var.azure_copier_audience))}',
        errorMessage: 'it is an application ID URI such as api://hypnoscript-dr-google',
      },
    ],
  });
  return {
    issuer: '${format("https://sts.windows.net/%s/", var.azure_copier_tenant_id)}',
    isKnown: 'var.azure_copier_tenant_id != ""',
    audiences: ['${var.azure_copier_audience}'],
  };
}

/** An issuer signs for everybody of an account or tenant: let in is who is named. */
function oneOf(scope: Construct, cloud: GoogleReader['cloud'], isKnown: string): string {
  const name = `${cloud}_copier_subjects`;
  const { pattern, description, says } = SUBJECTS[cloud];
  const condition = `format("assertion.sub in %s", jsonencode(sort(distinct(var.${name}))))`;
  input(scope, name, {
    type: 'list(string)',
    default: [],
    description,
    checks: [
      {
        condition: `\${alltrue([for one in var.${name} : can(regex("^${pattern}$", one)) && length(one) <= ${LONGEST_SUBJECT}])}`,
        errorMessage: `${says}, of at most ${LONGEST_SUBJECT} characters`,
      },
      {
        condition: `\${length(${condition}) <= ${LONGEST_CONDITION}}`,
        errorMessage: `they are longer than the ${LONGEST_CONDITION} characters of a condition: let fewer data sets be copied by this deployment, and the others by another one`,
      },
      {
        condition: `\${length(var.${name}) == 0 || ${isKnown}}`,
        errorMessage: 'the issuer of their tokens is not said',
      },
    ],
  });
  return `\${length(var.${name}) == 0 ? "false" : ${condition}}`;
}
