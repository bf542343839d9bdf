import { type Json } from '../../../contract/json.ts';
import { xsdNamespace, xsiNamespace } from '../wsdl/namespaces.ts';
import { builtInType } from '../wsdl/builtin-types.ts';
import { XmlError, XmlReader } from '../xml/xml.reader.ts';
import { escapeText } from '../xml/xml.text.ts';
import { type Output, isObject } from './output.ts';
import { simpleCodec } from './simple-values.ts';

/**
 * `xs:anyType`: text is text; `{ $type: 'int', $value: 7 }` is a value of a built-in type, which the element says; `{ $xml: '<a/>…' }` is
 * content as XML.
 */
export function writeAny(value: Json, open: string, close: string, out: Output): void {
  if (typeof value === 'string') return out.trying(() => void (out.xml += `${open}>${escapeText(simpleCodec(text).write(value))}${close}`));
  if (!isObject(value)) return out.problem('is neither text, { $type, $value } nor { $xml }');
  const { $xml: xml, $type: name, $value: inner } = value;
  if (typeof xml === 'string') {
    if (!isContent(xml)) return out.problem('is not well-formed XML content', '$xml');
    out.xml += `${open}>${xml}${close}`;
    return;
  }
  const type = typeof name === 'string' ? builtInType(name) : undefined;
  if (type === undefined || inner === undefined) return out.problem('is neither text, { $type, $value } nor { $xml }');
  return out.trying(
    () => void (out.xml += `${open} xmlns:t="${xsdNamespace}" xsi:type="t:${name as string}">${escapeText(simpleCodec(type).write(inner))}${close}`),
  );
}

const text = builtInType('string') as NonNullable<ReturnType<typeof builtInType>>;

/** After `open`. @throws Unfit, XmlError */
export function readAny(reader: XmlReader): Json {
  const said = reader.attribute('type', xsiNamespace);
  const name = said === undefined ? undefined : reader.resolve(said);
  const type = name?.namespace === xsdNamespace ? builtInType(name.local) : undefined;
  const { xml, plain } = contentAsXml(reader);
  if (plain === null) return { $xml: xml };
  if (type === undefined || type.primitive === 'string' || (plain.trim() === '' && !simpleCodec(type).takesEmpty)) return plain;
  return { $type: type.name as string, $value: simpleCodec(type).read(plain) };
}

/** After `open`: everything up to its end as XML text that stands for itself; `plain` when there are no elements in it. @throws XmlError */
export function contentAsXml(reader: XmlReader): { xml: string; plain: string | null } {
  let xml = '';
  let plain: string | null = '';
  for (;;) {
    const token = reader.next();
    if (token === 'close' || token === 'end') return { xml, plain };
    if (token === 'open') {
      plain = null;
      xml += reader.fragment();
    } else {
      if (plain !== null) plain += reader.text;
      xml += escapeText(reader.text);
    }
  }
}

/** Whether `xml` is exactly one element, with every prefix that it uses declared in it. */
export function isElement(xml: string): boolean {
  if (/<\?xml\s/i.test(xml)) return false;
  try {
    const reader = new XmlReader(xml);
    while (reader.next() !== 'end');
    return true;
  } catch (error) {
    if (error instanceof XmlError) return false;
    throw error;
  }
}

/** Whether `xml` can stand as it is inside an element: well-formed, and with every prefix that it uses declared in it. */
export function isContent(xml: string): boolean {
  if (/<\?xml\s/i.test(xml)) return false;
  try {
    const reader = new XmlReader(`<x>${xml}</x>`);
    while (reader.next() !== 'end');
    return true;
  } catch (error) {
    if (error instanceof XmlError) return false;
    throw error;
  }
}
