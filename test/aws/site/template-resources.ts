export interface TemplateResource {
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly updatePolicy: Readonly<Record<string, unknown>>;
}

export interface TemplateJson {
  readonly Parameters?: Readonly<Record<string, { readonly Type: string }>>;
  readonly Resources: Readonly<Record<string, unknown>>;
}

export function resourcesOf({ Resources }: TemplateJson): readonly TemplateResource[] {
  return Object.entries(Resources).map(([id, body]) => {
    const { Type, Properties = {}, UpdatePolicy = {} } = body as Readonly<Record<string, object>>;
    return {
      id,
      type: String(Type),
      properties: Properties as TemplateResource['properties'],
      updatePolicy: UpdatePolicy as TemplateResource['updatePolicy'],
    };
  });
}

export function resourcesOfType(template: TemplateJson, type: string): readonly TemplateResource[] {
  return resourcesOf(template).filter((one) => one.type === type);
}
