import { NODE_FLAGS } from '../hosts';

export interface RunbookValues {
  /** The task manifest as JSON. */
  readonly text: string;
  readonly sha256: string;
  /** `https://ACCOUNT.blob.core.windows.net/CONTAINER/NAME` of the runner. */
  readonly runnerUrl: string;
  readonly runnerSha256: string;
  /** Version and SHA-256 of Node's archive for Windows, as expressions. */
  readonly nodeVersion: string;
  readonly nodeSha256: string;
  /** Further variables of the runner, by name. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What runs on the host: it puts Node and the runner where they are not yet, by their checksums, and starts the runner.
 * Nothing else. A job of Automation has no exit code: what is not 0 is a failed job that names it.
 *
 * Programs lie where only administrators write, since Automation runs as the system. In PowerShell 7.2, without
 * back-ticks and without braces behind a dollar sign, which Terraform would read.
 * @see https://learn.microsoft.com/azure/automation/automation-hrw-run-runbooks
 */
export function renderRunbook(values: RunbookValues): string {
  const { text, sha256, runnerUrl, runnerSha256, nodeVersion, nodeSha256 } = values;
  const environment = Object.entries(values.environment).map(([name, value]) => `$env:${name} = ${quoted(value)}`);
  return String.raw`# Written by hypdr synth: starts the runner of backups on this host.
param(
    [Parameter(Mandatory = $true)]
    [ValidateSet('backup', 'verify', 'prune')]
    [string] $command,

    [ValidateSet('none', 'full', 'incremental', 'differential', 'log')]
    [string] $type = 'none'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$nodeVersion = ${quoted(nodeVersion)}
$nodeSha256 = ${quoted(nodeSha256)}
$runnerUrl = ${quoted(runnerUrl)}
$runnerSha256 = ${quoted(runnerSha256)}
$manifestSha256 = ${quoted(sha256)}
$manifest = ${quoted(Buffer.from(text).toString('base64'))}

$programs = Join-Path $env:ProgramFiles 'hypnoscript-dr'
$state = Join-Path $env:ProgramData 'hypnoscript-dr'

function Test-Checksum {
    param([string] $Path, [string] $Checksum)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return $false }
    return (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash -eq $Checksum
}

function Assert-Checksum {
    param([string] $Path, [string] $Checksum)
    if (Test-Checksum -Path $Path -Checksum $Checksum) { return }
    $found = (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash
    Remove-Item -LiteralPath $Path -Force
    throw "$Path has the checksum $found, and is to have $Checksum"
}

function Install-Node {
    $name = "node-v$nodeVersion-win-x64"
    $folder = Join-Path $programs "$name-$($nodeSha256.Substring(0, 12))"
    $program = Join-Path $folder 'node.exe'
    if (Test-Path -LiteralPath $program -PathType Leaf) { return $program }
    $archive = Join-Path $programs "$name.zip"
    $fresh = Join-Path $programs "$name-$([guid]::NewGuid())"
    Invoke-WebRequest -Uri "https://nodejs.org/dist/v$nodeVersion/$name.zip" -OutFile $archive
    Assert-Checksum -Path $archive -Checksum $nodeSha256
    Expand-Archive -LiteralPath $archive -DestinationPath $fresh
    Move-Item -LiteralPath (Join-Path $fresh $name) -Destination $folder
    Remove-Item -LiteralPath $archive, $fresh -Recurse -Force
    return $program
}

function Get-StorageToken {
    $resource = [uri]::EscapeDataString('https://storage.azure.com/')
    $headers = @{ Metadata = 'true' }
    if ($env:IDENTITY_ENDPOINT -and $env:IMDS_ENDPOINT) {
        # A machine of Azure Arc: the agent wants to see that the caller may read its folder.
        $uri = "$env:IDENTITY_ENDPOINT" + '?api-version=2020-06-01&resource=' + $resource
        $answer = Invoke-WebRequest -Uri $uri -Headers $headers -SkipHttpErrorCheck
        $file = (@($answer.Headers['WWW-Authenticate'])[0] -split 'realm=')[-1]
        $tokens = Join-Path $env:ProgramData 'AzureConnectedMachineAgent\Tokens'
        if ((Split-Path -Parent $file) -ne $tokens) { throw "the agent names a file outside of $tokens" }
        $headers['Authorization'] = 'Basic ' + (Get-Content -LiteralPath $file -Raw).Trim()
    }
    else {
        $uri = 'http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=' + $resource
    }
    return (Invoke-RestMethod -Uri $uri -Headers $headers).access_token
}

function Install-Runner {
    $program = Join-Path $programs "runner-$runnerSha256.js"
    if (Test-Checksum -Path $program -Checksum $runnerSha256) { return $program }
    $fresh = Join-Path $programs "runner-$([guid]::NewGuid()).js"
    $headers = @{ Authorization = 'Bearer ' + (Get-StorageToken); 'x-ms-version' = '2021-12-02' }
    Invoke-WebRequest -Uri $runnerUrl -Headers $headers -OutFile $fresh
    Assert-Checksum -Path $fresh -Checksum $runnerSha256
    Move-Item -LiteralPath $fresh -Destination $program -Force
    return $program
}

function Install-Manifest {
    $file = Join-Path $programs "task-$manifestSha256.json"
    if (Test-Checksum -Path $file -Checksum $manifestSha256) { return $file }
    [IO.File]::WriteAllBytes($file, [Convert]::FromBase64String($manifest))
    Assert-Checksum -Path $file -Checksum $manifestSha256
    return $file
}

function Protect-Folder {
    param([string] $Path)
    if (Test-Path -LiteralPath $Path -PathType Container) { return }
    New-Item -ItemType Directory -Path $Path | Out-Null
    # SYSTEM and Administrators, by their ids: their names differ by language.
    & icacls $Path /inheritance:r /grant '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
    if ($LASTEXITCODE -ne 0) { throw "icacls $Path ended with $LASTEXITCODE" }
}

Protect-Folder -Path $programs
Protect-Folder -Path $state
$node = Install-Node
$runner = Install-Runner
$task = Install-Manifest

$env:HYPDR_STATE = $state
$env:AZURE_TOKEN_CREDENTIALS = 'prod'
${environment.join('\n')}
$arguments = @(${NODE_FLAGS.map(quoted).join(', ')}, $runner, $command, '--task', $task)
if ($command -eq 'backup') { $arguments += @('--type', $type, '--metrics', 'log') }
if ($command -eq 'verify') { $arguments += @('--quick', '--store', 'local') }
if ($command -eq 'prune') { $arguments += @('--store', 'local') }

$ErrorActionPreference = 'Continue'
& $node @arguments 2>&1 | ForEach-Object { Write-Output "$_" }
$code = $LASTEXITCODE
Write-Output "hypdr-runner $command ended with $code"
if ($code -ne 0) { throw "hypdr-runner $command ended with $code" }
`;
}

/** A text that PowerShell takes as it stands. */
function quoted(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}
