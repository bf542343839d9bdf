import { Secret } from '../../src/contract/secret.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { cableTo } from '../support/cable.ts';
import { certificates } from '../support/certificates.ts';
import { Ftpd } from '../support/ftpd.ts';
import { type PlaceGround, placeContract, placeLineContract } from './place.contract.ts';

/** Data connections go past the cable: what it cuts and freezes is the control connection. */
async function ground(ftpd: Ftpd, settings: Partial<PlaceSettings>, cannot: PlaceGround['cannot']): Promise<PlaceGround> {
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

/** A line end ends a command; and no command of FTP looks at a link itself. */
const cannot = ['name with a line end', 'tell a link'] as const;

const withTls = async (): Promise<PlaceGround> => {
  const tls = certificates();
  return ground(await Ftpd.start({ tls }), { caFile: tls.ca }, cannot);
};
const oldAndPlain = async (): Promise<PlaceGround> => ground(await Ftpd.start({ facts: false }), { tls: 'none' }, cannot);

placeContract('ftp with TLS', withTls);
placeLineContract('ftp with TLS', withTls);
placeContract('ftp in the clear, without MLSD', oldAndPlain);
placeLineContract('ftp in the clear, without MLSD', oldAndPlain);
