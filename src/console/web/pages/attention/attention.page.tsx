import { type JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { type CodesView } from '../../../attention.view.ts';
import { useShortcuts } from '../../kit/keys.ts';
import { go, href, path, query } from '../../kit/route.ts';
import { useLoaded } from '../../kit/use-loaded.ts';
import './attention.css';
import { Bulks } from './bulks.tsx';
import { Doubts } from './doubts.tsx';
import { valuesIn } from './group-query.ts';
import { Groups } from './groups.tsx';
import { Held } from './held.tsx';
import { Members } from './members.tsx';

const views = { '': 'Groups', doubt: 'In doubt', bulks: 'Bulk actions' } as const;

/** Page 3: what is parked or in doubt, and what people do about it. */
export function AttentionPage(): JSX.Element {
  const [, view = ''] = path.value;
  const { value: codes } = useLoaded<CodesView>('/api/codes');
  useShortcuts(useMemo(() => [{ key: 'g', does: 'the groups', run: () => go(href('attention')) }], []));
  const group = valuesIn(query.value.get('group'));
  return (
    <div class="attention">
      <h1>Needs a person</h1>
      <nav class="tabs" aria-label="Needs a person">
        {Object.entries(views).map(([name, title]) => (
          <a key={name} href={name === '' ? href('attention') : href('attention', name)} aria-current={name === view ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {view === '' ? <Held of={group} /> : null}
      {view === 'doubt' ? (
        <Doubts />
      ) : view === 'bulks' ? (
        <Bulks />
      ) : group === null ? (
        <Groups codes={codes} />
      ) : (
        <Members key={JSON.stringify(group)} by={group} codes={codes} />
      )}
    </div>
  );
}
