import { type ComponentType } from 'preact';
import { type ProtocolView, type ViewProps } from './protocol-view.ts';

type AnyView = ComponentType<ViewProps<never>>;

/** By the name of the transport. */
export const protocols: Readonly<Record<string, ProtocolView>> = {
  soap: {
    view: async () => (await import('./soap/view.tsx')).View as AnyView,
    lines: async () => (await import('./soap/lines.ts')).linesOf,
  },
  file: {
    view: async () => (await import('./file/view.tsx')).View as AnyView,
    lines: async () => (await import('./file/lines.ts')).linesOf,
  },
  terminal: {
    view: async () => (await import('./terminal/view.tsx')).View as AnyView,
    lines: async () => (await import('./terminal/lines.ts')).linesOf,
  },
};

export const protocolOf = (transport: string | null): ProtocolView | null =>
  transport !== null && Object.hasOwn(protocols, transport) ? (protocols[transport] ?? null) : null;
