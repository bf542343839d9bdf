import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { need } from './needs.ts';

const envelopes = ['http://schemas.xmlsoap.org/soap/envelope/', 'http://www.w3.org/2003/05/soap-envelope'];
const documentsAtATime = 500;

/** libxml2 as the judge of what is put into an envelope: the schemas of one WSDL, taken out of it by XSLT. */
export interface SchemaJudge {
  /**
   * What is wrong with each envelope (SOAP 1.1 or 1.2), in their order; an empty list means valid. The Body's children must be global
   * elements of the WSDL's schemas or operations of an RPC/literal binding; a fault's detail is judged too, headers only when the schemas
   * know them. RPC/encoded cannot be judged: its array types are in no schema. libxml2 knows no decimals of more than 24 digits: it finds longer ones invalid.
   * @throws Error when the schemas themselves do not compile
   */
  validate(envelopes: readonly string[]): Promise<string[][]>;
  close(): void;
}

/** `wsdl`: a `file:` URL or a path. Schemas named by location must lie on this disk; none are fetched. */
export function schemaJudge(wsdl: string): SchemaJudge {
  const xmllint = need('xmllint', 'libxml2-utils');
  const xsltproc = need('xsltproc', 'xsltproc');
  const path = wsdl.startsWith('file:') ? fileURLToPath(wsdl) : resolve(wsdl);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-schemas-'));
  const sheet = resolve(import.meta.dirname, '../soap/schemas.xsl');
  const base = `${pathToFileURL(dirname(path)).href}/`;
  const listed = execFileSync(xsltproc, ['--nonet', '--stringparam', 'base', base, sheet, path], { cwd: folder, encoding: 'utf8' });
  const schemas = join(folder, 'all.xsd');
  writeFileSync(schemas, together(folder, listed));
  let batch = 0;
  return {
    async validate(documents) {
      const found: string[][] = [];
      for (let from = 0; from < documents.length; from += documentsAtATime) {
        const here = join(folder, String((batch += 1)));
        mkdirSync(here);
        const some = documents.slice(from, from + documentsAtATime);
        some.forEach((text, at) => writeFileSync(join(here, `${at}.xml`), text));
        found.push(...verdicts(await judged(xmllint, schemas, here, some.length), some.length));
        rmSync(here, { recursive: true });
      }
      return found;
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/**
 * One schema that imports each namespace once, by a file that includes all schemas of that namespace: libxml2 leaves out a second import
 * of a namespace.
 */
function together(folder: string, listed: string): string {
  const files = new Map<string, string[]>();
  for (const line of listed.split('\n').filter(Boolean)) {
    const [file = '', namespace = ''] = line.split(' ');
    files.set(namespace, [...(files.get(namespace) ?? []), file]);
  }
  const imports = [...files].map(([namespace, parts], at) => {
    const includes = parts.map((part) => `<xs:include schemaLocation="${part}"/>`).join('');
    const target = namespace === '' ? '' : ` targetNamespace="${attribute(namespace)}"`;
    writeFileSync(join(folder, `namespace-${at}.xsd`), `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"${target}>${includes}</xs:schema>`);
    return `<xs:import${namespace === '' ? '' : ` namespace="${attribute(namespace)}"`} schemaLocation="namespace-${at}.xsd"/>`;
  });
  envelopes.forEach((namespace, at) => {
    writeFileSync(join(folder, `envelope-${at}.xsd`), envelopeSchema(namespace));
    imports.push(`<xs:import namespace="${namespace}" schemaLocation="envelope-${at}.xsd"/>`);
  });
  return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:gatehouse:test:all">${imports.join('')}</xs:schema>`;
}

/** Our own, and stricter than SOAP's: what lies in a Body, or in a fault's detail, must be declared somewhere. */
function envelopeSchema(namespace: string): string {
  const soap12 = namespace === envelopes[1];
  const any = (process: string, more = ''): string => `<xs:any namespace="##any" processContents="${process}" ${more}/>`;
  const type = (name: string, content: string): string =>
    `<xs:complexType name="${name}"><xs:sequence>${content}</xs:sequence><xs:anyAttribute namespace="##any" processContents="skip"/></xs:complexType>`;
  const fault = soap12
    ? `${any('skip', 'maxOccurs="2"')}<xs:element name="Node" type="xs:anyURI" minOccurs="0"/><xs:element name="Role" type="xs:anyURI" minOccurs="0"/><xs:element name="Detail" type="e:Strict" minOccurs="0"/>`
    : '<xs:element name="faultcode" type="xs:QName" form="unqualified"/><xs:element name="faultstring" type="xs:string" form="unqualified"/><xs:element name="faultactor" type="xs:anyURI" minOccurs="0" form="unqualified"/><xs:element name="detail" type="e:Strict" minOccurs="0" form="unqualified"/>';
  return [
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:e="${namespace}" targetNamespace="${namespace}" elementFormDefault="qualified">`,
    '<xs:element name="Envelope"><xs:complexType><xs:sequence><xs:element name="Header" type="e:Lax" minOccurs="0"/><xs:element name="Body" type="e:Strict"/></xs:sequence><xs:anyAttribute namespace="##any" processContents="skip"/></xs:complexType></xs:element>',
    '<xs:element name="Fault" type="e:Fault"/>',
    type('Lax', any('lax', 'minOccurs="0" maxOccurs="unbounded"')),
    type('Strict', any('strict', 'minOccurs="0" maxOccurs="unbounded"')),
    type('Fault', fault),
    '<xs:attribute name="mustUnderstand" type="xs:string"/><xs:attribute name="encodingStyle" type="xs:string"/>',
    '</xs:schema>',
  ].join('');
}

function judged(xmllint: string, schemas: string, cwd: string, count: number): Promise<string> {
  const files = Array.from({ length: count }, (_, at) => `${at}.xml`);
  return new Promise((resolve, reject) => {
    execFile(xmllint, ['--noout', '--nonet', '--schema', schemas, ...files], { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, _, stderr) => {
      // 1: not well-formed, 3 and 4: not valid; anything else speaks of the schemas.
      if (error === null || [1, 3, 4].includes(Number(error.code))) resolve(stderr);
      else reject(new Error(`xmllint cannot use the schemas:\n${stderr.slice(0, 4_000)}`));
    });
  });
}

/** What SOAP adds to a header block, whatever its schema says. */
const ofSoap = new RegExp(`attribute '\\{(?:${envelopes.join('|')})\\}(?:mustUnderstand|actor|role|relay)': The attribute .* is not allowed`);

/** Every document gets a verdict or counts as invalid: silence is not consent. */
function verdicts(stderr: string, count: number): string[][] {
  const found = Array.from({ length: count }, (): string[] => []);
  const judged = new Set<number>();
  for (const line of stderr.split('\n')) {
    const verdict = /^(\d+)\.xml (?:validates|fails to validate)$/.exec(line);
    if (verdict !== null) judged.add(Number(verdict[1]));
    const wrong = /^(\d+)\.xml:\d+: (.*)$/.exec(line);
    if (wrong !== null && !ofSoap.test(line)) found[Number(wrong[1])]?.push((wrong[2] ?? '').trim());
  }
  found.forEach((errors, at) => {
    if (!judged.has(at) && errors.length === 0) errors.push('xmllint gave no verdict');
  });
  return found;
}

function attribute(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}
