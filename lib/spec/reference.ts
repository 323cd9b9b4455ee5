import { BLOCKS } from './spec';
import type { FieldShape, LeafShape, ObjectShape, Shape, VariantShape } from './type';

const INTRODUCTION = `# Reference of the spec

Generated from the schema by \`npm run docs\`. Names in capitals stand for names of your own; \`[]\` stands for each item
of a list. Every single value may be \`env.NAME\` instead: it is taken from the environment that the command runs in.
Secrets are always \`env.NAME\`, and their values stay in the secret store.
`;

/** The reference page of the spec: every block, key, type, default and doc, with examples of each type. */
export function renderReference(): string {
  const page = new Page();
  for (const [name, { shape }] of Object.entries(BLOCKS)) page.addBlock(name, shape);
  return [INTRODUCTION, ...page.sections, '## Types\n', page.types()].join('\n');
}

/** Blocks that several keys share, and types, stand once on the page; other places link to them. */
class Page {
  readonly sections: string[] = [];
  private readonly titles = new Map<Shape, string>();
  private readonly leaves = new Map<string, LeafShape>();

  addBlock(name: string, shape: Shape): void {
    this.sections.push(`## Block ${name}\n`);
    this.addShape(name, '', shape);
  }

  types(): string {
    const rows = [...this.leaves.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((one) => [one.name, one.text, one.examples.map(code).join(' '), code(one.rejects)]);
    return table(['type', 'is', 'examples', 'refused'], rows);
  }

  /**
   * Adds the sections of what lies at a path; a block that is on the page already gets none.
   * @param of which case of a variant the path is in, for the title; empty in none
   */
  private addShape(path: string, of: string, shape: Shape): void {
    switch (shape.kind) {
      case 'leaf':
        return;
      case 'list':
        return this.addShape(`${path}[]`, of, shape.item);
      case 'map':
        return this.addShape(`${path}.${freeName(shape.noun)}`, of, shape.item);
      case 'variant':
        return this.addVariant(path, shape);
      case 'object':
        return this.addObject(path, shape, (name, field) => this.addShape(`${path}.${name}`, of, field.shape), of);
    }
  }

  private addVariant(path: string, shape: VariantShape): void {
    if (this.titles.has(shape)) return;
    this.titles.set(shape, path);
    this.sections.push(`### ${code(path)}\n\nIts keys depend on ${shape.chosenBy}.\n`);
    const cases = Object.entries(shape.cases);
    for (const [caseName, one] of cases) {
      const isShared = (name: string, field: FieldShape) =>
        cases.every(([, other]) => (other.fields[name] ?? field).shape === field.shape);
      const addField = (name: string, field: FieldShape) =>
        this.addShape(`${path}.${name}`, isShared(name, field) ? '' : ` (${caseName})`, field.shape);
      this.addObject(path, one, addField, ` (${caseName})`);
    }
  }

  private addObject(
    path: string,
    shape: ObjectShape,
    addField: (name: string, field: FieldShape) => void,
    of: string,
  ): void {
    if (this.titles.has(shape)) return;
    const title = `${path}${of}`;
    this.titles.set(shape, title);
    const fields = Object.entries(shape.fields);
    const at = this.sections.push('') - 1;
    for (const [name, field] of fields) addField(name, field);
    const rows = fields.map(([name, field]) => this.row(`${path}.${name}`, name, field));
    this.sections[at] = `### ${code(title)}\n\n${table(['key', 'value', 'when left out', 'meaning'], rows)}`;
  }

  private row(path: string, name: string, { shape, doc, presence, otherwise }: FieldShape): string[] {
    return [code(name), this.valueText(path, shape), presence === 'required' ? '**needed**' : otherwise, doc];
  }

  private valueText(path: string, shape: Shape): string {
    switch (shape.kind) {
      case 'leaf':
        if ('enum' in shape.json) return shape.examples.map(code).join(' ');
        this.leaves.set(shape.name, shape);
        return `[${shape.name}](#types)`;
      case 'list':
        return `list of ${this.valueText(`${path}[]`, shape.item)}`;
      case 'map':
        return `by ${shape.noun}: ${this.valueText(`${path}.${freeName(shape.noun)}`, shape.item)}`;
      case 'object':
      case 'variant':
        return link(this.titles.get(shape) ?? path);
    }
  }
}

function freeName(noun: string): string {
  return noun.toUpperCase().replace(/[^A-Z]+/g, '_');
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A link to a heading as GitHub and most others make its anchor. */
function link(title: string): string {
  const anchor = title
    .toLowerCase()
    .replace(/[^a-z0-9 _-]/g, '')
    .replace(/ /g, '-');
  return `[${code(title)}](#${anchor})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((one) => one.replace(/\|/g, '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n');
}
