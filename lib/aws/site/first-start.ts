/** A file that is uploaded at a deployment, and its place on a machine. */
export interface Delivered {
  /** Address in S3. */
  readonly url: string;
  readonly sha256: string;
  readonly path: string;
}

export interface FirstStartProps {
  readonly region: string;
  /** Fills in `{account}` in the installer. */
  readonly account: string;
  readonly files: readonly Delivered[];
  /** Path of the installer among them. */
  readonly installer: string;
}

/**
 * What a machine runs at its first start, and what Run Command runs when a deployment has newer scripts: it fetches what
 * was uploaded, as itself and with what the system has, checks it, and starts the installer. What is secret goes by
 * standard input.
 * @returns lines of bash
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
 */
export function renderFirstStart({ region, account, files, installer }: FirstStartProps): readonly string[] {
  return [
    '#!/bin/bash',
    'set -euo pipefail',
    'metadata=http://169.254.169.254/latest',
    'asked() { curl -fsS --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/$1"; }',
    'fetch() {',
    '  token="$(curl -fsS --max-time 5 -X PUT -H "X-aws-ec2-metadata-token-ttl-seconds: 300" "$metadata/api/token")"',
    '  mkdir -p "$(dirname "$3")"',
    '  asked "meta-data/iam/security-credentials/$(asked meta-data/iam/security-credentials/)" |',
    `    python3 -c 'import json,sys; c = json.load(sys.stdin); print("user = \\"%s:%s\\"\\nheader = \\"x-amz-security-token: %s\\"" % (c["AccessKeyId"], c["SecretAccessKey"], c["Token"]))' |`,
    `    curl --config - -fsS --max-time 300 --aws-sigv4 'aws:amz:${region}:s3' -o "$3.new" "$1"`,
    '  printf "%s  %s\\n" "$2" "$3.new" | sha256sum --check --quiet',
    '  mv "$3.new" "$3"',
    '}',
    '# A new identity is not known everywhere at once.',
    'try() { for _ in $(seq 1 30); do if "$@"; then return; fi; sleep 10; done; echo "hypdr-site: $1 is not fetched" >&2; exit 75; }',
    ...files.map(({ url, sha256, path }) => `try fetch '${url}' ${sha256} ${path}`),
    `sed -i 's/{account}/${account}/g' ${installer}`,
    `bash ${installer}`,
  ];
}
