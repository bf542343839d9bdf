import { type JSX } from 'preact';

/** A text with what was searched for marked in it, letters alike whatever their case. */
export function Marked({ text, search }: { readonly text: string; readonly search: string }): JSX.Element {
  const at = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase());
  if (at < 0) return <>{text}</>;
  const end = at + search.length;
  return (
    <>
      {text.slice(0, at)}
      <mark>{text.slice(at, end)}</mark>
      {text.slice(end)}
    </>
  );
}
