import { Secret } from '../../src/contract/secret.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { cableTo } from '../support/cable.ts';
import { type Ftpd } from '../support/ftpd.ts';
import { type PlaceGround } from './place.contract.ts';

/** A line end ends a command; and no command of FTP looks at a link itself. */
const cannot = ['name with a line end', 'tell a link'] as const;

/** Data connections go past the cable: what it cuts and freezes is the control connection. */
export async function ftpGround(ftpd: Ftpd, settings: Partial<PlaceSettings>): Promise<PlaceGround> {
  const cable = await cableTo(ftpd.port);
  return {
    home: ftpd.home,
    cable,
    cannot,
    open: (folder, changes = {}) =>
      openPlace(
        'depot',
        Object.assign(new PlaceSettings(), {
          kind: 'ftp',
          directory: folder,
          host: 'localhost',
          port: ftpd.port,
          user: ftpd.user,
          password: new Secret('env:FTP', ftpd.password),
          ...settings,
          ...changes,
        }),
      ),
    unprivileged: (work) => work(),
    stop: async () => {
      await cable.close();
      await ftpd.stop();
    },
  };
}
