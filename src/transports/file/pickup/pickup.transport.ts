import { GatehouseError } from '../../../contract/errors.ts';
import { type Source, type SourceSurroundings, SourceTransport } from '../../../contract/source.ts';
import { type OpenPlace, openPlace } from '../places/open-place.ts';
import { pickupLayoutOf, pickupTransport } from './pickup.ts';
import { PickupSettings, directoriesOf } from './pickup.settings.ts';
import { PickupSource } from './pickup.source.ts';

/** Files from local directories, SFTP and FTP. */
export class PickupTransport extends SourceTransport {
  readonly name = pickupTransport;
  readonly settings = PickupSettings;
  readonly #openPlace: OpenPlace;

  constructor(open: OpenPlace = openPlace) {
    super();
    this.#openPlace = open;
  }

  named(settings: object): readonly string[] {
    return (settings as PickupSettings).sources.map(({ name }) => name);
  }

  async open(surroundings: SourceSurroundings): Promise<Source> {
    const { system, declaration } = surroundings;
    const { sources } = surroundings.settings as PickupSettings;
    const index = sources.findIndex(({ name }) => name === declaration.name);
    const path = `systems.${system}.pickup.sources[${index}]`;
    const settings = sources[index];
    if (settings === undefined)
      throw new GatehouseError('CONFIG_INVALID', `systems.${system}.pickup.sources: there is no entry with the name '${declaration.name}'`);
    if (settings.stream && declaration.snapshot !== null)
      throw new GatehouseError('CONFIG_INVALID', `${path}.stream: an extract is compared as a whole and cannot be streamed`);
    return new PickupSource({
      ...surroundings,
      settings,
      layout: pickupLayoutOf(system, declaration),
      directories: directoriesOf(settings, path),
      place: this.#openPlace(system, settings.place, `${path}.place`),
    });
  }
}
