import { Operation, type SystemHandle, type Translation } from '../../../src/contract/index.ts';
import { Location, LocationsListed, LocationsRequested } from '../events.ts';
import { type Stockroom } from '../stockroom.layout.ts';

/** The whole stock list, page by page; the stockroom has no filter of its own. */
@Operation({ accepts: LocationsRequested, replies: [LocationsListed], businessKey: 'requestId' })
export class ListLocations implements Translation<LocationsRequested, Stockroom, LocationsListed> {
  async translate({ requestId, binBegins = '' }: LocationsRequested, stockroom: SystemHandle<Stockroom>) {
    const { items } = await stockroom.call('ListItems', {});
    const locations = items.filter(({ bin }) => bin.startsWith(binBegins)).map((item) => new Location(item));
    return new LocationsListed({ requestId, locations });
  }
}
