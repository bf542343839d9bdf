import { useSignal } from '@preact/signals';
import { type JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { get, locked, signOut, token } from './kit/api.ts';
import { type Role, caller } from './kit/caller.ts';
import { Empty } from './kit/empty.tsx';
import { Help } from './kit/help.tsx';
import { useShortcuts } from './kit/keys.ts';
import { lazy } from './kit/lazy.tsx';
import { connection } from './kit/connection.ts';
import { Lock } from './kit/lock.tsx';
import { Mishap } from './kit/mishap.tsx';
import { ParkedCount } from './kit/parked-count.tsx';
import { followLinks, go, href, path, query } from './kit/route.ts';
import { theme, themes } from './kit/theme.ts';
import { useTitle } from './kit/title.ts';

/** The pages, by the first piece of the path; the first is where one arrives. */
const pages = {
  translations: {
    title: 'Translations',
    key: '1',
    page: lazy(async () => (await import('./pages/translations/translations.page.tsx')).TranslationsPage),
  },
  attention: { title: 'Needs a person', key: '2', page: lazy(async () => (await import('./pages/attention/attention.page.tsx')).AttentionPage) },
  systems: { title: 'Systems', key: '3', page: lazy(async () => (await import('./pages/systems/systems.page.tsx')).SystemsPage) },
  adapters: { title: 'Adapters', key: '4', page: lazy(async () => (await import('./pages/adapters/adapters.page.tsx')).AdaptersPage) },
  flows: { title: 'Flows', key: '5', page: lazy(async () => (await import('./pages/flows/flows.page.tsx')).FlowsPage) },
  audit: { title: 'Audit', key: '6', page: lazy(async () => (await import('./pages/audit/audit.page.tsx')).AuditPage) },
} as const;

const Story = lazy(async () => (await import('./pages/translation/translation.page.tsx')).TranslationPage);

const isPage = (name: string): name is keyof typeof pages => Object.hasOwn(pages, name);

function Shown(): JSX.Element {
  const [name = 'translations', id] = path.value;
  const title = isPage(name) ? pages[name].title : 'No such page';
  useTitle(name === 'translations' && id !== undefined ? null : [id, title].filter(Boolean).join(' · '));
  if (name === 'translations' && id !== undefined) return <Story key={id} />;
  if (!isPage(name))
    return (
      <Empty title="There is no such page">
        <p>
          <a href={href('translations')}>To the translations</a>
        </p>
      </Empty>
    );
  const { page: Page } = pages[name];
  return <Page key={name} />;
}

export function App(): JSX.Element {
  const help = useSignal(false);
  useEffect(() => {
    if (locked.value) return;
    get<{ name: string; role: Role }>('/api/caller').then(
      (who) => (caller.value = who),
      () => undefined,
    );
  }, [token.value, locked.value, connection.value === 'live']);
  useShortcuts(
    useMemo(
      () => [
        { key: '?', does: 'show the keys', run: () => (help.value = true) },
        ...Object.entries(pages).map(([name, { title, key }]) => ({ key, does: title, run: () => go(href(name)) })),
      ],
      [],
    ),
  );
  if (locked.value) return <Lock />;
  const here = path.value[0] ?? 'translations';
  return (
    // One listener for every link of the page; each link works without it.
    <div class="console" onClick={followLinks}>
      <header class="bar">
        <a class="skip" href="#page">
          To the page
        </a>
        <a class="mark" href={href()}>
          Gatehouse
        </a>
        <nav aria-label="Pages">
          {Object.entries(pages).map(([name, { title }]) => (
            <a key={name} href={href(name)} aria-current={name === here ? 'page' : undefined}>
              {title}
              {name === 'attention' ? <ParkedCount /> : null}
            </a>
          ))}
        </nav>
        <span class={`connection connection-${connection.value}`} role="status">
          {connection.value === 'lost' ? 'The gateway does not answer; it is tried again' : ''}
        </span>
        <label class="theme">
          <span class="unseen">Colours</span>
          <select
            title="Colours; auto: as the device has them"
            value={theme.value}
            onChange={(event) => (theme.value = themes.find((each) => each === event.currentTarget.value) ?? 'system')}
          >
            {themes.map((each) => (
              <option key={each} value={each}>
                {each === 'system' ? 'auto' : each}
              </option>
            ))}
          </select>
        </label>
        {caller.value === null ? null : (
          <span class="caller">
            {caller.value.name} ({caller.value.role})
          </span>
        )}
        {token.value === null ? null : (
          <button type="button" class="act act-plain" onClick={signOut}>
            Leave
          </button>
        )}
        <button type="button" class="act act-plain" aria-label="Keys" title="Keys (?)" onClick={() => (help.value = true)}>
          ?
        </button>
      </header>
      <main id="page" tabIndex={-1}>
        <Mishap at={`${path.value.join('/')}?${query.value}`}>
          <Shown />
        </Mishap>
      </main>
      {help.value ? <Help onClose={() => (help.value = false)} /> : null}
    </div>
  );
}
