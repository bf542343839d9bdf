import { type JSX } from 'preact';
import { Empty } from '../../kit/empty.tsx';

export function TranslationPage(): JSX.Element {
  return <Empty title="Not built yet" />;
}
