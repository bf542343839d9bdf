import { certificates } from '../support/certificates.ts';
import { Ftpd } from '../support/ftpd.ts';
import { type PlaceGround, placeContract, placeLineContract } from './place.contract.ts';
import { ftpGround } from './place.ftp.ground.ts';

const prepare = async (): Promise<PlaceGround> => {
  const tls = certificates();
  return ftpGround(await Ftpd.start({ tls }), { caFile: tls.ca });
};

placeContract('ftp with TLS', prepare);
placeLineContract('ftp with TLS', prepare);
