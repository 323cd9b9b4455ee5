import type { StandbyMachine } from './machine';

/**
 * What a machine asks its cloud, by its own identity and without a command line of the cloud: secrets, one metric, and an
 * object of the site's own store. What is secret goes by standard input, never by arguments.
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
const AWS = String.raw`metadata="${'$'}{HYPDR_METADATA:-http://169.254.169.254}"
aws_credentials() {
  if [ -n "${'$'}{AWS_ACCESS_KEY_ID:-}" ]; then
    # By the shell itself: the arguments of a program are for everybody to read.
    printf '{"AccessKeyId":"%s","SecretAccessKey":"%s","Token":"%s"}' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "${'$'}{AWS_SESSION_TOKEN:-}"
    return
  fi
  local token role
  token="$(curl -fsS --max-time 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' "$metadata/latest/api/token")"
  role="$(curl -fsS --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/meta-data/iam/security-credentials/")"
  curl -fsS --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/latest/meta-data/iam/security-credentials/$role"
}
# SERVICE, then what curl is told besides; the answer is written to standard output.
aws_request() {
  local service=$1 credentials
  shift
  credentials="$(aws_credentials)" || return 1
  printf '%s' "$credentials" | python3 -c 'import json,sys
c = json.load(sys.stdin)
print("user = \"%s:%s\"" % (c["AccessKeyId"], c["SecretAccessKey"]))
if c.get("Token"): print("header = \"x-amz-security-token: %s\"" % c["Token"])' |
    curl --config - -fsS --max-time "${'$'}{HYPDR_PATIENCE:-10}" --aws-sigv4 "aws:amz:$region:$service" "$@"
}
cloud_secret() {
  aws_request secretsmanager -X POST -H 'Content-Type: application/x-amz-json-1.1' -H 'X-Amz-Target: secretsmanager.GetSecretValue' \
    -d "$(json "SecretId=$secret")" "${'$'}{AWS_ENDPOINT_URL_SECRETS_MANAGER:-https://secretsmanager.$region.amazonaws.com}/" | field SecretString
}
cloud_metric() {
  aws_request monitoring -X POST --data-urlencode Action=PutMetricData --data-urlencode Version=2010-08-01 \
    --data-urlencode "Namespace=$metric_namespace" --data-urlencode "MetricData.member.1.MetricName=$1" \
    --data-urlencode "MetricData.member.1.Value=$2" --data-urlencode MetricData.member.1.Dimensions.member.1.Name=Site \
    --data-urlencode "MetricData.member.1.Dimensions.member.1.Value=$metric_site" \
    "${'$'}{AWS_ENDPOINT_URL_CLOUDWATCH:-https://monitoring.$region.amazonaws.com}/" >/dev/null
}
cloud_object() { aws_request s3 "$1"; }
archive_key='repo1-s3-key-type=auto'`;

/** @see https://learn.microsoft.com/azure/active-directory/managed-identities-azure-resources/how-to-use-vm-token */
const AZURE = String.raw`metadata="${'$'}{HYPDR_METADATA:-http://169.254.169.254}"
# Asks as the machine's own identity; the token goes by standard input.
azure_request() {
  local resource=$1
  shift
  {
    # A machine of elsewhere says what prints a token.
    if [ -n "${'$'}{HYPDR_TOKEN_COMMAND:-}" ]; then bash -c "$HYPDR_TOKEN_COMMAND" token "$resource"
    else
      curl -fsS --max-time 5 -H Metadata:true "$metadata/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$resource" | field access_token
    fi
  } | sed 's/^/header = "Authorization: Bearer /; s/$/"/' |
    curl --config - -fsS --max-time "${'$'}{HYPDR_PATIENCE:-10}" -H 'x-ms-version: 2023-11-03' "$@"
}
cloud_secret() { azure_request https://vault.azure.net "$secret?api-version=7.4" | field value; }
# The agent of Azure Monitor sends what is said to this facility; alarms look for it.
cloud_metric() { logger -p local5.info -t hypdr-site "$1=$2"; }
cloud_object() { azure_request https://storage.azure.com/ "$1"; }
archive_key='repo1-azure-key-type=auto'`;

/**
 * What is written to the serial console is a line of Cloud Logging where the machine's metadata asks for it.
 * @see https://cloud.google.com/compute/docs/troubleshooting/viewing-serial-port-output
 */
const GOOGLE = String.raw`metadata="${'$'}{HYPDR_METADATA:-http://metadata.google.internal}"
google_request() {
  {
    # A machine of elsewhere says what prints a token.
    if [ -n "${'$'}{HYPDR_TOKEN_COMMAND:-}" ]; then bash -c "$HYPDR_TOKEN_COMMAND"
    else
      curl -fsS --max-time 5 -H 'Metadata-Flavor: Google' "$metadata/computeMetadata/v1/instance/service-accounts/default/token" | field access_token
    fi
  } | sed 's/^/header = "Authorization: Bearer /; s/$/"/' |
    curl --config - -fsS --max-time "${'$'}{HYPDR_PATIENCE:-10}" "$@"
}
cloud_secret() {
  local project
  project="$(curl -fsS --max-time 5 -H 'Metadata-Flavor: Google' "$metadata/computeMetadata/v1/project/project-id")"
  google_request "${'$'}{HYPDR_SECRETS:-https://secretmanager.googleapis.com}/v1/projects/$project/secrets/$secret/versions/latest:access" |
    python3 -c 'import base64,json,sys; sys.stdout.buffer.write(base64.b64decode(json.load(sys.stdin)["payload"]["data"]))'
}
cloud_metric() { printf '{"hypdr":"site","site":"%s","%s":%s}\n' "$metric_site" "$1" "$2" >"${'$'}{HYPDR_CONSOLE:-/dev/ttyS0}"; }
cloud_object() { google_request "$1"; }
archive_key='repo1-gcs-key-type=auto'`;

/** The lease, read with what all clouds have. An answer that is no lease is no answer. */
const LEASE = String.raw`# Prints granted or revoked, the term, and the second at which that was written.
lease_read() {
  local answer
  answer="$(cloud_object "$lease_url")" || return 1
  # A workflow of AWS writes a text as JSON does, in quotes.
  answer="${'$'}{answer#\"}"
  answer="${'$'}{answer%\"}"
  [[ "$answer" =~ ^(granted|revoked)\ [0-9]+\ [0-9]+$ ]] || return 1
  printf '%s\n' "$answer"
}`;

/** The functions of a cloud. */
export function renderCloud(cloud: StandbyMachine['cloud']): string {
  return `${{ aws: AWS, azure: AZURE, google: GOOGLE }[cloud]}\n${LEASE}`;
}
