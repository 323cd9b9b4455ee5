import { aws } from './aws';
import { azure } from './azure';
import type { Cloud, CloudId } from './cloud';
import { google } from './google';

export const clouds: Readonly<Record<CloudId, Cloud>> = { aws, azure, google };

/** Names of every place of a cloud, for hints about a mistyped one. */
export function placeNames(cloud: Cloud): readonly string[] {
  return cloud.storePlaces.map(({ name }) => name);
}

const OWNERS: ReadonlyMap<string, CloudId> = new Map(
  Object.values(clouds).flatMap((cloud) => placeNames(cloud).map((name) => [name.toLowerCase(), cloud.id])),
);

/** The cloud that knows a place by this name, in any case of letters: no two clouds share one. */
export function ownerOf(place: string): CloudId | undefined {
  return OWNERS.get(place.toLowerCase());
}
