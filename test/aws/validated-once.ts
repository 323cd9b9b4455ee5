const validated = new Set<string>();

/**
 * Options of an emulated state machine: its definition is validated where it is first seen. That costs a tenth of a second,
 * and tests run the same one many times.
 */
export function validatedOnce(definition: object): { readonly checkArn: false; readonly noValidate: boolean } {
  const text = JSON.stringify(definition);
  const noValidate = validated.has(text);
  validated.add(text);
  return { checkArn: false, noValidate };
}
