import { GatehouseError } from '../../../contract/errors.ts';
import { harmless } from './doc-comment.ts';
import { type TypedCall, type TypedContract, type TypesOptions, typedContract } from './contract.ts';
import { propertyName, textLiteral, typeName } from './names.ts';
import { type WsdlFiles, wsdlFiles } from './wsdl-files.ts';

export interface SkeletonOptions extends TypesOptions {
  /** The system, as in the configuration: lower case, digits, hyphens. */
  readonly system: string;
}

export interface Skeleton {
  /** What to write into `adapters/<system>/`, by path. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** What a person does then, in order. */
  readonly nextSteps: readonly string[];
}

/**
 * An adapter to begin with: it compiles, and its first operation makes one call of the WSDL. Nothing is written.
 * @throws GatehouseError NOT_POSSIBLE when the name cannot be a system's; LAYOUT_MISSING, NOT_FOUND as wsdlTypes
 */
export function adapterSkeleton(url: URL, { system, ...options }: SkeletonOptions): Skeleton {
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(system))
    throw new GatehouseError('NOT_POSSIBLE', `'${system}' is no name of a system: lower case, digits, hyphens`);
  const contract = typedContract(url, options);
  const first = contract.calls.find(({ name }) => !isRead(name)) ?? contract.calls[0];
  if (first === undefined) throw new GatehouseError('NOT_FOUND', `the port '${contract.port.name}' has no operation to begin with`);
  const sources = wsdlFiles(url);
  const wsdl = sources.files.size === 1 ? `${system}.wsdl` : `wsdl/${sources.main}`;
  const plan: Plan = {
    system,
    contract,
    first,
    wsdl,
    calls: contract.name === `${typeName(system)}Calls` ? `${contract.name}Here` : `${typeName(system)}Calls`,
    file: fileName(first.typeName),
  };
  return {
    files: new Map<string, string | Uint8Array>([
      ['README.md', readme(plan)],
      [`${system}.adapter.ts`, adapter(plan)],
      [`${system}.layout.ts`, layout(plan)],
      [`${system}.types.ts`, contract.text],
      ['events.ts', events(plan)],
      [`operations/${plan.file}.ts`, operation(plan)],
      ...[...sources.files].map(([path, bytes]) => [placeOf(sources, path, system), bytes] as const),
    ]),
    nextSteps: nextSteps(plan),
  };
}

interface Plan {
  readonly system: string;
  readonly contract: TypedContract;
  /** What its first operation calls. */
  readonly first: TypedCall;
  /** Where the WSDL is, relative to the adapter. */
  readonly wsdl: string;
  /** The native contract in the adapter's words: `ShopCalls`. */
  readonly calls: string;
  /** Of the first operation, without its ending. */
  readonly file: string;
}

const placeOf = ({ files }: WsdlFiles, path: string, system: string): string => (files.size === 1 ? `${system}.wsdl` : `wsdl/${path}`);

const reading = ['get', 'find', 'list', 'search', 'read', 'query', 'fetch', 'lookup', 'retrieve', 'describe', 'count'];

/** Whether the name of an operation begins with a word for reading: `getOrder`, `GET_ORDER`, and not `getaway`. */
export function isRead(operation: string): boolean {
  const length = reading.find((each) => operation.toLowerCase().startsWith(each))?.length;
  if (length === undefined) return false;
  const [word, rest] = [operation.slice(0, length), operation.slice(length)];
  return !/^\p{L}/u.test(rest) || (/^\p{Lu}/u.test(rest) && word !== word.toUpperCase());
}

/** `PlaceOrder` → `place-order` */
const fileName = (operation: string): string =>
  operation
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '') || 'first';

function imports(names: readonly string[], from: string): string {
  const flat = `import { ${names.join(', ')} } from '${from}';\n`;
  return flat.length <= 151 ? flat : `import {\n${names.map((name) => `  ${name},\n`).join('')}} from '${from}';\n`;
}

function adapter({ system, first, file, contract }: Plan): string {
  return `${imports(['Adapter'], '../../src/contract/index.ts')}${imports([first.typeName], `./operations/${file}.ts`)}${imports(['calls', 'layout'], `./${system}.layout.ts`)}
@Adapter({
  system: '${system}',
  about: ${textLiteral(`What this system is, in one sentence (${contract.port.service || contract.port.name}, over SOAP).`)},
  layouts: [layout],
  calls,
  operations: [${first.typeName}],
})
export class ${typeName(system)}Adapter {}
`;
}

function layout({ system, contract, wsdl, calls }: Plan): string {
  const effects = contract.calls.map(({ name }) => (isRead(name) ? 'read' : 'once'));
  const elements = [...new Set(contract.calls.flatMap(({ faults }) => faults))];
  const faults = elements.map(
    (element) => `    // { element: ${textLiteral(element)}, means: { refusal: ${textLiteral(refusalCode(element))} } },\n`,
  );
  const refusable = contract.calls.find((call) => call.faults.length > 0);
  const example =
    refusable === undefined
      ? '/** The native contract. */'
      : `/**
 * The native contract. A call that may be refused says so:
 * \`interface ${calls} extends Omit<${contract.name}, ${literalInDoc(refusable.name)}> { ${propertyInDoc(refusable.name)}: Call<${refusable.argumentsType}, ${refusable.answerType} | Refusal<'${refusalCode(refusable.faults[0] ?? '')}'>> }\`
 */`;
  return `${imports(['type Calls', ...[...new Set(effects)].sort()], '../../src/contract/index.ts')}${imports(['soap'], '../../src/transports/soap/soap.ts')}${imports([`type ${contract.name}`], `./${system}.types.ts`)}
${example}
export type ${calls} = ${contract.name};

export const layout = soap({
  wsdl: new URL(${textLiteral(`./${wsdl.split('/').map(encodeURIComponent).join('/')}`)}, import.meta.url),
  port: ${textLiteral(contract.port.name)},
  // In order, the first that fits decides; a fault that no rule knows is ambiguous. \`means\` is a refusal (its code is yours to choose),
  // 'not executed', 'credentials' or 'session over'.
${faults.length === 0 ? '  faults: [],\n' : `  faults: [\n${faults.join('')}  ],\n`}});

/**
 * What each call does to the system, guessed from its name: check every line. \`read()\` changes nothing, and is asked again after a failure;
 * \`repeatable()\` may happen twice; \`once()\` must not, and wants a probe that finds out whether it happened.
 */
export const calls: Calls<${calls}> = {
${contract.calls.map(({ name }, index) => `  ${propertyName(name)}: ${effects[index]}(),\n`).join('')}};
`;
}

const literalInDoc = (text: string): string => harmless(textLiteral(text));
const propertyInDoc = (text: string): string => harmless(propertyName(text));

/** `OrderRejected` → `ORDER_REJECTED` */
const refusalCode = (element: string): string => fileName(typeName(element)).replaceAll('-', '_').toUpperCase();

function events({ system, first, file }: Plan): string {
  const { typeName: name, argumentsType, answerType, hasObjects } = first;
  const decorators = { arguments: hasObjects.arguments ? 'IsObject' : 'IsDefined', answer: hasObjects.answer ? 'IsObject' : 'IsDefined' };
  const type = `com.example.${system}.${file}`;
  return `${imports([...new Set([decorators.arguments, decorators.answer, 'IsString', 'Length'])].sort(), 'class-validator')}${imports(['EventType'], '../../src/contract/index.ts')}${imports([`type ${answerType}`, `type ${argumentsType}`].sort(), `./${system}.types.ts`)}
/** Carries the native arguments to begin with: give it the words of those who send it, with rules, and map them in the operation. */
@EventType('${type}.requested.v1')
export class ${name}Requested {
  @IsString()
  @Length(1, 64)
  requestId: string;

  @${decorators.arguments}()
  request: ${argumentsType};
}

@EventType('${type}.done.v1')
export class ${name}Done {
  @IsString()
  requestId: string;

  @${decorators.answer}()
  answer: ${answerType};

  constructor(values?: ${name}Done) {
    Object.assign(this, values);
  }
}
`;
}

function operation({ system, first, calls }: Plan): string {
  const { typeName: name, doc } = first;
  return `${imports(['Operation', 'type SystemHandle', 'type Translation'], '../../../src/contract/index.ts')}${imports([`${name}Done`, `${name}Requested`], '../events.ts')}${imports([`type ${calls}`], `../${system}.layout.ts`)}
/** ${harmless(doc ?? `An event becomes the call ${first.name}.`).slice(0, 120)} */
@Operation({ accepts: ${name}Requested, replies: [${name}Done], key: 'requestId', businessKey: 'requestId' })
export class ${name} implements Translation<${name}Requested, ${calls}, ${name}Done> {
  async translate({ requestId, request }: ${name}Requested, system: SystemHandle<${calls}>) {
    const answer = await system.call(${textLiteral(first.name)}, request);
    return new ${name}Done({ requestId, answer });
  }
}
`;
}

/** Code in a table of Markdown. */
const inTable = (text: string): string => harmless(text).replaceAll(/[`|<>]/g, '');

function readme({ system, first, file, wsdl, contract }: Plan): string {
  const effect = isRead(first.name) ? 'read' : 'once, without a probe: parked in doubt after an interruption';
  return `# ${system}

What this system is, and what the gateway does with it. Begun from \`${inTable(wsdl)}\`.

| event in | native call | reply |
|---|---|---|
| \`com.example.${system}.${file}.requested.v1\` | \`${inTable(first.name)}\` (${effect}) | \`com.example.${system}.${file}.done.v1\` |

Translations with one \`requestId\` run in order: choose the key that must not be overtaken, \`customerId\` for instance.

Faults: none is known yet, so every fault is ambiguous. \`${system}.layout.ts\` has a line for each that the WSDL declares.

Configuration: \`systems.${system}.soap.url\` (the WSDL says \`${inTable(contract.port.address) || 'nothing'}\`), \`user\`, \`password\` (\`{ env: NAME }\` or \`{ file: path }\`).
`;
}

function nextSteps({ system, first, file }: Plan): string[] {
  return [
    `${system}.layout.ts: check what each call does to the system, and say which faults are refusals`,
    `events.ts and operations/${file}.ts: your own event types, and the mapping to ${first.name}`,
    `adapters/index.ts: list ${typeName(system)}Adapter from './${system}/${system}.adapter.ts'`,
    `gatehouse.yaml: systems: { ${system}: { soap: { url: … } } }`,
    `cases/<operation>--<what happens>/: event.json, exchange.json, reply.json as captured; then npx gatehouse cases ${system}`,
  ];
}
