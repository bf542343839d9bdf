import { Ftpd } from '../support/ftpd.ts';
import { type PlaceGround, placeContract, placeLineContract } from './place.contract.ts';
import { ftpGround } from './place.ftp.ground.ts';

const prepare = async (): Promise<PlaceGround> => ftpGround(await Ftpd.start({ facts: false }), { tls: 'none' });

placeContract('ftp in the clear, without MLSD', prepare);
placeLineContract('ftp in the clear, without MLSD', prepare);
