import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { GatehouseError } from '../../src/contract/errors.ts';
import { SystemClock } from '../../src/gateway/clock.ts';
import { SoapTrace } from '../../src/transports/soap/soap.trace.ts';
import { envelopeOf } from '../support/soap-server.ts';
import { codecOf, elementOf, encode } from './wsdl-text.ts';

const ask = elementOf('ask', '<xs:element name="q" type="xs:string" minOccurs="0"/>');
const plain = {
  schema: `${ask}${elementOf('answer', '<xs:element name="n" type="xs:string"/>')}`,
  input: ['p=element:t:ask'],
  output: ['p=element:t:answer'],
};

/** How it ends does not matter here, only that it does: the test's own time-out is the judge. */
function ends(work: () => void): void {
  try {
    work();
  } catch (error) {
    expect(error).toBeInstanceOf(GatehouseError);
  }
}

describe('a hostile answer ends soon, one way or the other', () => {
  it('trace: many <Password without end', () => {
    const trace = new SoapTrace([], new SystemClock(), () => undefined);
    ends(() => trace.add('received', 'HTTP/1.1 200\r\n\r\n', Buffer.from('<Password '.repeat(1_000_000))));
  });

  it('reader: many namespace declarations, many elements', () => {
    const codec = codecOf(plain);
    let open = '';
    let close = '';
    for (let level = 0; level < 400; level += 1) {
      open += `<a${Array.from({ length: 200 }, (_, n) => ` xmlns:p${level}-${n}="u"`).join('')}>`;
      close += '</a>';
    }
    const xml = envelopeOf(`<answer xmlns="urn:t"><z xmlns:q="u">${open}${'<q:b/>'.repeat(500_000)}${close}</z><n>1</n></answer>`);
    ends(() => void codec.decode('ask', xml));
  });

  it('reader: a long choice that repeats', () => {
    const content = `<xs:choice maxOccurs="unbounded">${Array.from({ length: 300 }, (_, index) => `<xs:element name="e${index}" type="xs:string"/>`).join('')}</xs:choice>`;
    const codec = codecOf({ ...plain, schema: `${ask}${elementOf('answer', content)}` });
    ends(() => void codec.decode('ask', envelopeOf(`<answer xmlns="urn:t">${'<e0/>'.repeat(200_000)}</answer>`)));
  });

  it('memory: the detail of a fault with long declarations at the envelope and many elements', async () => {
    // In a process of its own, with 512 MB: 2.5 MB of answer. Without the fault being a fault there is no table to apply, and the process is gone.
    const script = `
      import { codecOf, elementOf } from '${new URL('./wsdl-text.ts', import.meta.url).href}';
      const codec = codecOf(${JSON.stringify(plain)});
      const long = Array.from({ length: 900 }, (_, i) => ' xmlns:p' + i + '="' + 'u'.repeat(1000) + '"').join('');
      const xml = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"' + long + '><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring><detail>' + '<a/>'.repeat(400000) + '</detail></s:Fault></s:Body></s:Envelope>';
      try { codec.decode('ask', xml); console.log('read', xml.length); } catch (error) { console.log('refused', error.code, error.message.slice(0, 100)); }
    `;
    const run = promisify(execFile)(process.execPath, ['--max-old-space-size=512', '--input-type=module', '-e', script], { timeout: 25_000 });
    const { stdout } = await run.catch((error: Error & { stderr: string; signal: string }) => ({
      stdout: `died: ${error.signal} ${/FATAL ERROR[^\n]*/.exec(error.stderr)?.[0] ?? error.stderr.slice(0, 300)}`,
    }));
    expect(stdout).toMatch(/^(read|refused)/);
  });
});

describe('arguments that come from an event', () => {
  const money = (facets: string, base = 'xs:decimal'): Parameters<typeof codecOf>[0] => ({
    ...plain,
    schema: `${elementOf('ask', `<xs:element name="q"><xs:simpleType><xs:restriction base="${base}">${facets}</xs:restriction></xs:simpleType></xs:element>`)}${elementOf('answer', '<xs:element name="n" type="xs:string"/>')}`,
  });
  it('a decimal of many zeros', () => {
    const codec = codecOf(money('<xs:fractionDigits value="2"/>'));
    ends(() => void encode(codec, { q: `0.${'0'.repeat(2_000_000)}1` } as never));
  });
  it('a pattern of bounded repetitions', () => {
    const codec = codecOf(money('<xs:pattern value="[A-Z ]{0,140}[A-Z ]{0,140}[A-Z ]{0,140}[A-Z ]{0,140}!"/>', 'xs:string'));
    ends(() => void encode(codec, { q: 'A'.repeat(2_000) } as never));
  });
});
