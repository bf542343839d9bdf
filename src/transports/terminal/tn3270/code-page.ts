import { GatehouseError } from '../../../contract/errors.ts';
import { type Repertoire } from '../typing.ts';

/** Country code pages of EBCDIC that hold exactly the characters of ISO 8859-1. @see IBM, Character Data Representation Architecture */
const latin1 = ['cp037', 'cp273', 'cp275', 'cp277', 'cp278', 'cp280', 'cp284', 'cp285', 'cp297', 'cp500', 'cp871', 'cp1047'];
/** The same with the euro sign in the place of the currency sign. */
const latin1Euro = ['cp1140', 'cp1141', 'cp1142', 'cp1143', 'cp1144', 'cp1145', 'cp1146', 'cp1147', 'cp1148', 'cp1149'];

/**
 * What can be typed in a code page: s3270 drops a character that its page lacks, and says ok.
 * @throws GatehouseError CONFIG_INVALID for a page whose characters are not known here
 */
export function repertoireOf(system: string, codePage: string): Repertoire {
  const euro = latin1Euro.includes(codePage);
  if (!euro && !latin1.includes(codePage))
    throw new GatehouseError(
      'CONFIG_INVALID',
      `systems.${system}.terminal.codePage: ${codePage} is none of ${[...latin1, ...latin1Euro].join(', ')}`,
    );
  return {
    name: `code page ${codePage}`,
    has: (character) => {
      if (character === '€' || character === '¤') return euro === (character === '€');
      const code = character.codePointAt(0) ?? 0;
      return (code >= 0x20 && code < 0x7f) || (code >= 0xa0 && code < 0x100 && code !== softHyphen);
    },
  };
}

/** Its width on a screen is not certain. */
const softHyphen = 0xad;
