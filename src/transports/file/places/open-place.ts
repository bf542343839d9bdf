import { FtpPlace } from './ftp/ftp.place.ts';
import { LocalPlace } from './local/local.place.ts';
import { type Place } from './place.ts';
import { type PlaceSettings, checkPlace } from './place.settings.ts';
import { SftpPlace } from './sftp/sftp.place.ts';

/** How a place is opened: `openPlace`, or what stands before it. */
export type OpenPlace = (system: string, settings: PlaceSettings, path?: string) => Place;

/** The place that the settings describe, without touching disk or network. @throws GatehouseError CONFIG_INVALID; `path` is where the settings are */
export function openPlace(system: string, settings: PlaceSettings, path = `systems.${system}.file`): Place {
  checkPlace(settings, path);
  switch (settings.kind) {
    case 'local':
      return new LocalPlace(system, settings);
    case 'sftp':
      return new SftpPlace(system, settings);
    case 'ftp':
      return new FtpPlace(system, settings);
  }
}
