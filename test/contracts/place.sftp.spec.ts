import { Secret } from '../../src/contract/secret.ts';
import { openPlace } from '../../src/transports/file/places/open-place.ts';
import { PlaceSettings } from '../../src/transports/file/places/place.settings.ts';
import { cableTo } from '../support/cable.ts';
import { Sshd } from '../support/sshd.ts';
import { type PlaceGround, placeContract, placeLineContract } from './place.contract.ts';

const prepare = async (): Promise<PlaceGround> => {
  const sshd = await Sshd.start();
  const cable = await cableTo(sshd.port);
  return {
    home: sshd.home,
    cable,
    cannot: [],
    open: (folder, changes = {}) =>
      openPlace(
        'depot',
        Object.assign(new PlaceSettings(), {
          kind: 'sftp',
          directory: folder,
          host: '127.0.0.1',
          port: sshd.port,
          user: sshd.user,
          key: new Secret('env:KEY', sshd.key),
          hostKeys: [sshd.fingerprint],
          ...changes,
        }),
      ),
    unprivileged: (work) => work(),
    stop: async () => {
      await cable.close();
      await sshd.stop();
    },
  };
};

placeContract('sftp', prepare);
placeLineContract('sftp', prepare);
