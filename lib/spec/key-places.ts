import { childPath } from '../diagnostics';
import type { Shape } from './type';

/** Blocks that have a key, by the key: `mtd` is found in `business_continuity.objectives`. */
export type KeyPlaces = ReadonlyMap<string, readonly string[]>;

/** Looks through blocks, which are given by their names; free names are written as what they stand for, in capitals. */
export function keyPlaces(blocks: Readonly<Record<string, Shape>>): KeyPlaces {
  const places = new Map<string, Set<string>>();
  const look = (shape: Shape, path: string): void => {
    switch (shape.kind) {
      case 'leaf':
        return;
      case 'list':
        return look(shape.item, path);
      case 'map':
        return look(shape.item, childPath(path, shape.noun.toUpperCase().replaceAll(' ', '_')));
      case 'variant':
        return Object.values(shape.cases).forEach((one) => look(one, path));
      case 'object':
        for (const [name, field] of Object.entries(shape.fields)) {
          places.set(name, (places.get(name) ?? new Set()).add(path));
          look(field.shape, childPath(path, name));
        }
    }
  };
  for (const [name, shape] of Object.entries(blocks)) look(shape, name);
  return new Map([...places].map(([key, found]) => [key, [...found]]));
}
