import type { Catalogue } from './catalogue.ts';
import type { Class } from './json.ts';
import type { SearchedBodies } from './searched-bodies.ts';
import { sensitiveNamesOf } from './sensitive-names.ts';
import type { SystemSettings } from './settings.ts';

/** Those that the configuration names, as their operations are declared now. */
export function searchedBodies(catalogue: Catalogue, systems: ReadonlyMap<string, { readonly settings: SystemSettings }>): SearchedBodies {
  const named = [...catalogue.systems.values()].filter(({ system }) => systems.get(system)?.settings.searchBodies === true);
  return Object.fromEntries(
    named.map(({ system, catalogued }) => [
      system,
      Object.fromEntries(
        catalogued.map(({ name, accepts, replies }) => [
          name,
          { event: namesOf(accepts), replies: Object.fromEntries([...replies].map(([type, payload]) => [type, namesOf(payload)])) },
        ]),
      ),
    ]),
  );
}

const namesOf = (payload: Class): string[] => [...sensitiveNamesOf(payload)].sort();
