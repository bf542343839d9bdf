import { type Json } from '../../../contract/json.ts';
import { type ElementDeclaration } from '../wsdl/schema.model.ts';
import { type XmlReader } from '../xml/xml.reader.ts';
import { type Input } from './input.ts';

/** An empty element of a number or date that may be left out. */
export const absent = Symbol('absent');

/** Reads the element that the reader has just opened, up to its end. @throws Unfit, XmlError */
export type ReadElement = (reader: XmlReader, input: Input) => Json | typeof absent;

/** Gives each element of the schema its reading, made once. */
export interface ElementReaders {
  element(declaration: ElementDeclaration): ReadElement;
}
