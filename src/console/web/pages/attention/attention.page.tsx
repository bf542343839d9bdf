import { type JSX } from 'preact';
import { Empty } from '../../kit/empty.tsx';

export function AttentionPage(): JSX.Element {
  return <Empty title="Not built yet" />;
}
