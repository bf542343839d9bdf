import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SoapCodec } from '../../src/transports/soap/soap.codec.ts';

export interface Described {
  /** Content of the schema with the target namespace `urn:t`. */
  readonly schema: string;
  readonly style?: 'document' | 'rpc';
  readonly use?: 'literal' | 'encoded';
  readonly version?: '1.1' | '1.2';
  /** `name=element:t:x` or `name=type:xs:string`. */
  readonly input: readonly string[];
  readonly output: readonly string[] | null;
  readonly faults?: readonly string[];
  readonly more?: { readonly messages?: string; readonly portType?: string; readonly binding?: string };
}

const part = (text: string): string => {
  const [name, rest = ''] = text.split('=');
  const kind = rest.startsWith('element:') ? 'element' : 'type';
  return `<part name="${name}" ${kind}="${rest.slice(kind.length + 1)}"/>`;
};

/** A file with a WSDL of one operation `ask`. */
export function wsdlFile({ schema, style = 'document', use = 'literal', version = '1.1', input, output, faults = [], more = {} }: Described): URL {
  const soap = version === '1.1' ? 'http://schemas.xmlsoap.org/wsdl/soap/' : 'http://schemas.xmlsoap.org/wsdl/soap12/';
  const body = `<soap:body use="${use}" namespace="urn:t"/>`;
  const text = `<definitions name="T" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="${soap}" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:enc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:t="urn:t" targetNamespace="urn:t">
  <types><xs:schema targetNamespace="urn:t" elementFormDefault="qualified">${schema}</xs:schema></types>
  <message name="askIn">${input.map(part).join('')}</message>
  ${output === null ? '' : `<message name="askOut">${output.map(part).join('')}</message>`}
  ${faults.map((each, index) => `<message name="fault${index}">${part(each)}</message>`).join('')}
  ${more.messages ?? ''}
  <portType name="T"><operation name="ask"><input message="t:askIn"/>${output === null ? '' : '<output message="t:askOut"/>'}${faults.map((_each, index) => `<fault name="f${index}" message="t:fault${index}"/>`).join('')}</operation>${more.portType ?? ''}</portType>
  <binding name="T" type="t:T"><soap:binding style="${style}" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="ask"><soap:operation soapAction="urn:ask"/><input>${body}</input>${output === null ? '' : `<output>${body}</output>`}</operation>${more.binding ?? ''}</binding>
  <service name="T"><port name="T" binding="t:T"><soap:address location="http://localhost/"/></port></service>
</definitions>`;
  const file = join(mkdtempSync(join(tmpdir(), 'finding-')), 't.wsdl');
  writeFileSync(file, text);
  return pathToFileURL(file);
}

export const codecOf = (described: Described): SoapCodec => SoapCodec.load('acme', { wsdl: wsdlFile(described) });

export const encode = (codec: SoapCodec, args: never): string => codec.encode('ask', args, { attach: false, headers: {}, headerXml: null }).xml;

/** An element `name` with these local elements. */
export const elementOf = (name: string, content: string): string =>
  `<xs:element name="${name}"><xs:complexType><xs:sequence>${content}</xs:sequence></xs:complexType></xs:element>`;
