import { createHash } from 'node:crypto';
import { renderRunbook } from '../../lib/azure/runbook';
import { plan, shard } from './contoso';
import { parsePowerShell } from './powershell';
import type { ParsedScript } from './powershell';

/** No PowerShell can be had where these tests run: the script is parsed by a grammar and held to rules of its own. */
const TEXT = '{"name": "it\'s ${not} %{a} template"}';
const sha256 = createHash('sha256').update(TEXT).digest('hex');
const script = renderRunbook({
  text: TEXT,
  sha256,
  runnerUrl: 'https://acme.blob.core.windows.net/hypdr-tasks/runner/abc.js',
  runnerSha256: 'a'.repeat(64),
  nodeVersion: '22.20.0',
  nodeSha256: 'b'.repeat(64),
  environment: { HYPDR_SECRETS: 'azure', ODD: "it's" },
});

let parsed: ParsedScript;
beforeAll(async () => {
  parsed = await parsePowerShell(script);
});

test('is PowerShell', () => {
  expect(parsed.errors).toEqual([]);
});

test('a fault in the script is found', async () => {
  const broken = await parsePowerShell(script.replace('function Install-Runner {', 'function Install-Runner'));
  expect(broken.errors).not.toEqual([]);
});

test('calls what it is known to call, and defines what it calls', () => {
  const KNOWN = [
    'Expand-Archive',
    'ForEach-Object',
    'Get-Content',
    'Get-FileHash',
    'Invoke-RestMethod',
    'Invoke-WebRequest',
    'Join-Path',
    'Move-Item',
    'New-Item',
    'Out-Null',
    'Remove-Item',
    'Set-StrictMode',
    'Split-Path',
    'Test-Path',
    'Write-Output',
  ];
  const others = new Set(parsed.commands.filter((one) => !KNOWN.includes(one) && !parsed.functions.includes(one)));
  // Programs: icacls by its name, Node by a variable.
  expect([...others].filter((one) => !['icacls', '$node'].includes(one))).toEqual([]);
  expect(parsed.functions).toEqual([
    'Test-Checksum',
    'Assert-Checksum',
    'Install-Node',
    'Get-StorageToken',
    'Install-Runner',
    'Install-Manifest',
    'Protect-Folder',
  ]);
});

test('stops at the first error, and takes no variable that is not there', () => {
  expect(script).toContain("Set-StrictMode -Version Latest\n$ErrorActionPreference = 'Stop'\n");
  // Only the runner's own output is no error.
  expect(script.indexOf("$ErrorActionPreference = 'Continue'")).toBeGreaterThan(
    script.indexOf('$task = Install-Manifest'),
  );
});

test('every download is checked before it is where it is started from', () => {
  for (const name of ['Install-Node', 'Install-Runner']) {
    const body = bodyOf(name);
    const steps = ['Invoke-WebRequest', 'Assert-Checksum', 'Move-Item'].map((step) => body.indexOf(step));
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    expect(steps[0]).toBeGreaterThan(0);
  }
  expect(script.match(/Invoke-WebRequest/g)).toHaveLength(3);
});

test('what is there already is not fetched again', () => {
  const first = (name: string) => bodyOf(name).split('Invoke-WebRequest')[0];
  expect(first('Install-Node')).toMatch(/if \(Test-Path .*\) \{ return \$program \}/);
  expect(first('Install-Runner')).toMatch(/if \(Test-Checksum .*\) \{ return \$program \}/);
  expect(bodyOf('Install-Manifest').split('WriteAllBytes')[0]).toMatch(/if \(Test-Checksum .*\) \{ return \$file \}/);
});

test('programs lie where only administrators write', () => {
  expect(script).toContain("$programs = Join-Path $env:ProgramFiles 'hypnoscript-dr'");
  expect(script.indexOf('Protect-Folder -Path $programs')).toBeLessThan(script.indexOf('$node = Install-Node'));
});

test('starts the runner once, with the arguments of its command, and fails with its exit code', () => {
  expect(script.match(/^& \$node @arguments/gm)).toHaveLength(1);
  expect(script).toContain("if ($command -eq 'backup') { $arguments += @('--type', $type, '--metrics', 'log') }");
  expect(script).toContain("if ($command -eq 'verify') { $arguments += @('--quick', '--store', 'local') }");
  expect(script).toContain("if ($command -eq 'prune') { $arguments += @('--store', 'local') }");
  expect(script.trimEnd().split('\n').slice(-3)).toEqual([
    '$code = $LASTEXITCODE',
    'Write-Output "hypdr-runner $command ended with $code"',
    'if ($code -ne 0) { throw "hypdr-runner $command ended with $code" }',
  ]);
});

test('takes texts as they stand', () => {
  expect(script).toContain("$env:ODD = 'it''s'");
  const [, manifest = ''] = /^\$manifest = '([^']*)'$/m.exec(script) ?? [];
  expect(Buffer.from(manifest, 'base64').toString()).toBe(TEXT);
  expect(createHash('sha256').update(Buffer.from(manifest, 'base64')).digest('hex')).toBe(sha256);
});

test('holds nothing that Terraform would read as a template of its own', () => {
  expect(script).not.toMatch(/[$%]\{/);
});

describe('in the template', () => {
  const { template } = shard();
  const [runbook] = Object.values(template.resource?.azurerm_automation_runbook ?? {});
  const content = String(runbook?.content);

  test('is PowerShell, with the expressions that the deployment fills', async () => {
    expect(content.match(/\$\{[^}]+\}/g)?.sort()).toEqual([
      '${local.secrets_vault_url}',
      '${var.node_sha256}',
      '${var.node_version}',
    ]);
    expect(runbook?.runbook_type).toBe('PowerShell72');
    expect((await parsePowerShell(content.replace(/\$\{([^}]+)\}/g, '$1'))).errors).toEqual([]);
  });

  test('has the manifest of its task, and the address and checksum of the runner', () => {
    const [, manifest = ''] = /^\$manifest = '([^']*)'$/m.exec(content) ?? [];
    expect(JSON.parse(Buffer.from(manifest, 'base64').toString())).toEqual(
      plan.tasks.find(({ name }) => name === 'erp'),
    );
    const blob = template.resource?.azurerm_storage_blob?.runner;
    expect(content).toContain(`'https://contosobackups.blob.core.windows.net/hypdr-tasks/${String(blob?.name)}'`);
    expect(content).toContain(`$runnerSha256 = '${'0123456789abcdef'.repeat(4)}'`);
  });

  test('is started with parameters that it has, by names in lower case', () => {
    const jobs = Object.values(template.resource?.azurerm_automation_job_schedule ?? {});
    const parameters = jobs.map((one) => one.parameters as Readonly<Record<string, string>>);
    expect(jobs.every((one) => String(one.run_on).includes('hybrid_runbook_worker_group'))).toBe(true);
    for (const one of parameters) {
      expect(Object.keys(one)).toEqual(['command', 'type']);
      expect(['backup', 'verify', 'prune']).toContain(one.command);
      expect(['none', 'full', 'incremental', 'differential', 'log']).toContain(one.type);
    }
    expect(parameters.filter((one) => one.command === 'backup' && one.type === 'log')).toHaveLength(4);
  });
});

function bodyOf(name: string): string {
  const start = script.indexOf(`function ${name} {`);
  return script.slice(start, script.indexOf('\n}\n', start));
}
