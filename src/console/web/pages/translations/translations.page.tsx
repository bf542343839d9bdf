import { type JSX } from 'preact';
import { Empty } from '../../kit/empty.tsx';

export function TranslationsPage(): JSX.Element {
  return <Empty title="Not built yet" />;
}
