import { type ComponentType } from 'preact';
import { lazy } from '../kit/lazy.tsx';
import { type ViewProps } from './protocol-view.ts';
import { protocols } from './protocols.ts';

/** Each loaded once, when it is first shown. */
const views: Readonly<Record<string, ComponentType<ViewProps<never>>>> = Object.fromEntries(
  Object.entries(protocols).map(([name, { view }]) => [name, lazy<ViewProps<never>>(view)]),
);

export const RawView = lazy<ViewProps<null>>(async () => (await import('./raw/view.tsx')).View);

/** The view of a transport; undefined where it has none. */
export const viewOf = (transport: string | null): ComponentType<ViewProps<never>> | undefined =>
  transport !== null && Object.hasOwn(views, transport) ? views[transport] : undefined;
