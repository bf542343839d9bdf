import { type Algorithms } from 'ssh2';
import { GatehouseError } from '../../../contract/errors.ts';
import { type AlgorithmUse, oldAlgorithms, safeAlgorithms } from '../../ssh/algorithms.ts';

const uses = Object.keys(safeAlgorithms) as AlgorithmUse[];

/**
 * The algorithms to offer: the safe ones, then the old ones that are named. Host keys only of the kinds that are known, if any, so that
 * the host does not show another of its keys.
 * @throws GatehouseError CONFIG_INVALID for a name that is none of the old ones
 */
export function algorithmsFor(system: string, named: readonly string[], knownKinds: readonly string[]): Algorithms {
  const offered = Object.fromEntries(uses.map((use) => [use, [...safeAlgorithms[use]]])) as Record<AlgorithmUse, string[]>;
  for (const name of named) {
    const use = uses.find((each) => (oldAlgorithms[each] as readonly string[]).includes(name));
    if (use === undefined)
      throw new GatehouseError(
        'CONFIG_INVALID',
        `systems.${system}.terminal.oldAlgorithms: '${name.replaceAll(/[^\x20-\x7e]/g, '?')}' is none of ${Object.values(oldAlgorithms).flat().join(', ')}`,
      );
    offered[use].push(name);
  }
  const wanted = offered.serverHostKey.filter((name) => knownKinds.includes(name.startsWith('rsa-sha2-') ? 'ssh-rsa' : name));
  return { ...offered, ...(wanted.length > 0 ? { serverHostKey: wanted } : {}) } as Algorithms;
}
