import { docComment } from './doc-comment.ts';
import { type Choice, type Field, type Fields, optionWords } from './fields.ts';
import { type Names, propertyName, textLiteral } from './names.ts';

/** The project's line length: generated files stay as prettier leaves them. */
const lineLength = 150;

/** `export type Colour = 'RED' | 'BLUE';` */
export function declareAlias(name: string, texts: readonly string[]): string {
  const flat = `export type ${name} = ${union(texts)};\n`;
  if (flat.length <= lineLength + 1) return flat;
  const below = `  ${union(texts)};\n`;
  return `export type ${name} =\n${below.length <= lineLength + 1 ? below : `${texts.map((text) => `  | ${text}`).join('\n')};\n`}`;
}

/** `export type Payment = PaymentFields & OneOf<…>;` */
function declareBoth(name: string, parts: readonly string[]): string {
  const flat = `export type ${name} = ${parts.join(' & ')};\n`;
  return flat.length <= lineLength + 1 ? flat : `export type ${name} = ${parts.join(' &\n  ')};\n`;
}

export function declareInterface(name: string, fields: readonly Field[]): string {
  return `export interface ${name} {\n${fields.map(fieldText).join('')}}\n`;
}

function fieldText(field: Field): string {
  const { key, types, optional, doc } = field.optional && Object.hasOwn(Object.prototype, field.key) ? inherited(field) : field;
  const head = `  ${propertyName(key)}${optional ? '?' : ''}:`;
  const flat = `${head} ${union(types)};\n`;
  if (flat.length <= lineLength + 1 || types.length === 1) return docComment(doc, '  ') + flat;
  const below = `    ${union(types)};\n`;
  return `${docComment(doc, '  ')}${head}\n${below.length <= lineLength + 1 ? below : `${types.map((text) => `    | ${text}`).join('\n')};\n`}`;
}

/** Every object has a `constructor`: one that leaves it out has a function there. */
const inherited = (field: Field): Field => ({
  ...field,
  types: [...field.types, 'object'],
  doc: [...field.doc, 'Where it is left out, JavaScript finds a function of this name: ask Object.hasOwn.'],
});

/** What `declareFields` asks of the file that it writes into. */
interface File {
  readonly names: Names;
  readonly needs: { oneOf: boolean };
}

/** An interface; or, where properties exclude each other, a type made of interfaces; nothing but `{}` where there are none. */
export function declareFields(name: string, { fields, choices }: Fields, heading: readonly (string | undefined)[], file: File): string {
  const doc = docComment(heading);
  if (choices.length === 0) return doc + (fields.length === 0 ? declareAlias(name, ['Record<string, never>']) : declareInterface(name, fields));
  file.needs.oneOf = true;
  const declared: string[] = [];
  const parts: string[] = [];
  if (fields.length > 0) {
    parts.push(file.names.take(`${name}Fields`));
    declared.push(declareInterface(parts.join(''), fields));
  }
  for (const choice of choices) {
    const options = file.names.take(`${name}Options`);
    declared.push(docComment([optionWords(choice.options)]) + declareInterface(options, choice.fields));
    parts.push(oneOf(options, choice, file, declared));
  }
  return [...declared, doc + declareBoth(name, parts)].join('\n');
}

/** `OneOf<PaymentOptions, ['card', 'iban' | 'bic']>`; what is long gets a name of its own. */
function oneOf(name: string, { options }: Choice, { names }: File, declared: string[]): string {
  const keys = options.map((option) => {
    const literals = option.map(textLiteral);
    if (union(literals).length <= lineLength / 2) return union(literals);
    const own = names.take(`${name}Keys`);
    declared.push(declareAlias(own, literals));
    return own;
  });
  const flat = `OneOf<${name}, [${keys.join(', ')}]>`;
  if (flat.length <= lineLength / 2) return flat;
  const list = names.take(`${name}List`);
  const line = `export type ${list} = [${keys.join(', ')}];\n`;
  declared.push(line.length <= lineLength + 1 ? line : `export type ${list} = [\n${keys.map((key) => `  ${key},\n`).join('')}];\n`);
  return `OneOf<${name}, ${list}>`;
}

/** `Call<Arguments, Answer>` as the type of a property. */
export function callText(key: string, args: string, answer: string): string {
  const flat = `  ${propertyName(key)}: Call<${args}, ${answer}>;\n`;
  return flat.length <= lineLength + 1 ? flat : `  ${propertyName(key)}: Call<\n    ${args},\n    ${answer}\n  >;\n`;
}

const union = (texts: readonly string[]): string => (texts.length === 0 ? 'never' : texts.join(' | '));

/** The helper types of a file, those that it needs. */
export const helpers = {
  anyValue: `/** xs:anyType: text; a value of a built-in type (\`{ $type: 'int', $value: 7 }\`); or content as XML text. */
export type AnyValue = string | { $type: string; $value: string | number | boolean | string[] } | { $xml: string };
`,
  oneOf: `/** The properties of exactly one of the options, \`never\` for none of them. */
export type OneOf<Fields, Options extends readonly (keyof Fields)[]> = {
  [I in keyof Options]: Pick<Fields, Options[I]> & { [K in Exclude<Options[number], Options[I]>]?: undefined };
}[number];
`,
} as const;
