export { compile } from './compile';
export type { Compiled, CompileOptions } from './compile';
export { renderText, toJson, toSarif } from './diagnostics';
export type { Diagnostic, Severity, SourceFile } from './diagnostics';
export { ProtectionPlan } from './plan';
