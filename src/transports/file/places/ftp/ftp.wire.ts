import { FTPError } from 'basic-ftp';
import { GatehouseError } from '../../../../contract/errors.ts';
import { ContentFailure } from '../content.ts';
import { Lost, Refused, printable } from '../faults.ts';

/** `257 "/a ""quoted"" path" is the current directory`. @see RFC 959, appendix II */
export function pathIn(message: string): string {
  const quoted = /"((?:[^"]|"")*)"/.exec(message)?.[1];
  if (quoted === undefined) throw new Refused('257', 'the answer to PWD has no path');
  return quoted.replaceAll('""', '"');
}

/** @throws GatehouseError CALL_REFUSED_ARGUMENTS when the bytes would end or change the command: a line end, a NUL, or the 255 of telnet */
export function sendable(argument: Buffer): string {
  if (argument.some((byte) => byte === 0x0a || byte === 0x0d || byte === 0 || byte === 0xff))
    throw new GatehouseError('CALL_REFUSED_ARGUMENTS', 'a name with a line end, a NUL or the byte FF cannot be sent over FTP');
  return argument.toString('latin1');
}

/** Everything else that comes out of the client is about its connection. */
export function lostOrRefused(error: unknown): unknown {
  if (error instanceof FTPError) return new Refused(String(error.code), error.message.replace(/^\d{3}[ -]/, ''));
  if (error instanceof Refused || error instanceof Lost || error instanceof GatehouseError || error instanceof ContentFailure) return error;
  const said = error instanceof Error ? printable(error.message) : 'the connection broke';
  return new Lost(/timeout/i.test(said) ? 'no answer came in time' : said, true, { cause: error });
}
