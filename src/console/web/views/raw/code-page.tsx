import { type JSX } from 'preact';
import { type CodePageName, codePageNames } from '../../../../transports/file/code-pages/tables.ts';

const labels: Readonly<Partial<Record<CodePageName, string>>> = {
  'utf-8': 'UTF-8',
  ascii: 'ASCII',
  'iso-8859-1': 'Latin-1',
  'iso-8859-15': 'Latin-9',
  'windows-1252': 'Windows-1252',
};

/** The code page of that name, as codecs and HTTP call it; UTF-8 for what has no table here. */
export const codePageOf = (name: string | null): CodePageName => {
  const wanted = (name ?? '').toLowerCase().replace(/^latin-?1$/, 'iso-8859-1');
  return codePageNames.find((each) => each === wanted) ?? 'utf-8';
};

interface CodePageProps {
  readonly page: CodePageName;
  readonly onPage: (page: CodePageName) => void;
}

/** What the bytes are read as. */
export const CodePageChoice = ({ page, onPage }: CodePageProps): JSX.Element => (
  <label>
    Code page{' '}
    <select value={page} onChange={(event) => onPage(codePageOf(event.currentTarget.value))}>
      {codePageNames.map((name) => (
        <option key={name} value={name}>
          {labels[name] ?? `EBCDIC ${name}`}
        </option>
      ))}
    </select>
  </label>
);
