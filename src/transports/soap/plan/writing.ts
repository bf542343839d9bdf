import { type Json } from '../../../contract/json.ts';
import { type ElementDeclaration } from '../wsdl/schema.model.ts';
import { type Output } from './output.ts';

/** How an element of one declaration is written. Prefixes are declared further out: the output knows which. */
export interface ElementWriter {
  write(value: Json, out: Output): void;
}

/** Gives each element of the schema its writing, made once. */
export interface ElementWriters {
  element(declaration: ElementDeclaration): ElementWriter;
}
