import { type Layout } from '../../src/contract/adapter.ts';
import { type Json } from '../../src/contract/json.ts';
import { type Link } from '../../src/contract/transport.ts';
import { type MainframeOptions, PracticeMainframe } from '../../src/practice/mainframe/mainframe.server.ts';
import { PracticeStockroom, type StockroomOptions } from '../../src/practice/stockroom/stockroom.server.ts';
import { type ExchangeOptions, type Exchanged, exchangeOver } from './exchange.ts';
import { mainframeLayout } from './mainframe.layout.ts';
import { stockroomLayout } from './stockroom.layout.ts';
import { type TerminalLinkOptions, terminalLink } from './terminal-link.ts';

/** Time for a call on a machine out of breath. */
const timeoutMs = 60_000;

/** A practice host and a link to it over one session. */
export interface PracticeTerminal<Practice> extends AsyncDisposable {
  readonly practice: Practice;
  readonly link: Link;
  call(name: string, args: Json, options?: ExchangeOptions): Promise<Exchanged>;
}

function practising<Practice extends { close(): Promise<void> }>(practice: Practice, link: Link): PracticeTerminal<Practice> {
  return {
    practice,
    link,
    call: (name, args, options = {}) => exchangeOver(link, name, args, { timeoutMs, ...options }),
    [Symbol.asyncDispose]: async () => {
      await link.close();
      await practice.close();
    },
  };
}

export async function practiceStockroom(
  settings: TerminalLinkOptions = {},
  { layout = stockroomLayout, ...options }: StockroomOptions & { readonly layout?: Layout } = {},
): Promise<PracticeTerminal<PracticeStockroom>> {
  const practice = await PracticeStockroom.start(options);
  const way =
    settings.protocol === 'ssh'
      ? { port: practice.sshPort, hostKeys: [practice.fingerprint] }
      : ({ protocol: 'telnet', port: practice.telnetPort } as const);
  return practising(practice, await terminalLink(layout, { ...way, ...settings }));
}

export async function practiceMainframe(
  settings: TerminalLinkOptions = {},
  { layout = mainframeLayout, ...options }: MainframeOptions & { readonly layout?: Layout } = {},
): Promise<PracticeTerminal<PracticeMainframe>> {
  const practice = await PracticeMainframe.start(options);
  return practising(practice, await terminalLink(layout, { protocol: 'tn3270', port: practice.port, ...settings }));
}
