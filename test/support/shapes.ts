import { BLOCKS } from '../../lib/spec';
import type { LeafShape, Shape } from '../../lib/spec/type';

/** Cases of the seed's variants, by the key that stands before them. */
const CASES: Readonly<Record<string, string>> = {
  postgresql: 'postgresql',
  mysql: 'mysql',
  sqlserver: 'sqlserver',
  aws_s3: 'aws',
  azure_blob: 'azure',
  gcp_storage: 'google',
};

/** The shape that stands for a path of the seed, whose keys are all plain words. */
export function shapeAt(path: string): Shape | undefined {
  const [block = '', ...steps] = path.match(/[^.[\]]+/g) ?? [];
  let shape: Shape | undefined = BLOCKS[block as keyof typeof BLOCKS]?.shape;
  let before = block;
  for (const step of steps) {
    shape = shape && below(shape, step, before);
    before = step;
  }
  return shape;
}

export function leafShapeAt(path: string): LeafShape {
  const shape = shapeAt(path);
  if (shape?.kind !== 'leaf') throw new Error(`${path} has no type of its own`);
  return shape;
}

function below(shape: Shape, step: string, before: string): Shape | undefined {
  switch (shape.kind) {
    case 'leaf':
      return undefined;
    case 'list':
    case 'map':
      return shape.item;
    case 'object':
      return shape.fields[step]?.shape;
    case 'variant':
      return shape.cases[CASES[before] ?? '']?.fields[step]?.shape;
  }
}

/** Every leaf shape under a shape, with the keys that lead to it. */
export function leafShapesUnder(shape: Shape, path: string): readonly (readonly [path: string, shape: LeafShape])[] {
  switch (shape.kind) {
    case 'leaf':
      return [[path, shape]];
    case 'list':
      return leafShapesUnder(shape.item, `${path}[]`);
    case 'map':
      return leafShapesUnder(shape.item, `${path}.*`);
    case 'object':
      return Object.entries(shape.fields).flatMap(([name, field]) => leafShapesUnder(field.shape, `${path}.${name}`));
    case 'variant':
      return Object.entries(shape.cases).flatMap(([name, one]) => leafShapesUnder(one, `${path}(${name})`));
  }
}
