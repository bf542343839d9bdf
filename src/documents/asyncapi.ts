import { getMetadataStorage } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import transformerStorage from 'class-transformer/cjs/storage.js';
import { type Catalogue } from '../contract/catalogue.ts';
import { eventTypeOf, sensitiveFieldsOf } from '../contract/event.ts';
import { type Class, type Json } from '../contract/json.ts';

type Document = { [key: string]: Json };

/** The JSON Schema of a payload class, from its class-validator rules; masked fields are marked. */
export function payloadSchema(payload: Class<object>, definitionsAt = '#/$defs/'): Document {
  const nested = new Map<string, Class<object>>();
  const schema = classSchema(payload, definitionsAt, nested);
  const definitions: Document = {};
  // Grows while it is walked: a nested class may nest others, or itself.
  for (const [name, type] of nested) definitions[name] = classSchema(type, definitionsAt, nested);
  return nested.size === 0 ? schema : { ...schema, $defs: definitions };
}

function classSchema(payload: Class<object>, definitionsAt: string, nested: Map<string, Class<object>>): Document {
  const options = {
    classValidatorMetadataStorage: getMetadataStorage(),
    classTransformerMetadataStorage: transformerStorage.defaultMetadataStorage,
    refPointerPrefix: definitionsAt,
  } as never;
  const schema = JSON.parse(JSON.stringify(targetConstructorToSchema(payload as never, options))) as Document & {
    properties?: Record<string, Document>;
  };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (!JSON.stringify(property).includes('"$ref"')) continue;
    const type =
      transformerStorage.defaultMetadataStorage.findTypeMetadata(payload, name)?.typeFunction() ??
      (Reflect.getMetadata('design:type', payload.prototype as object, name) as Class<object>);
    nested.set(type.name, type);
  }
  for (const field of sensitiveFieldsOf(payload)) if (schema.properties?.[field] !== undefined) schema.properties[field]['x-sensitive'] = true;
  return { ...schema, additionalProperties: false };
}

/** What the gateway takes and publishes, as an AsyncAPI document. @see AsyncAPI 3.0.0 specification */
export function asyncApi(catalogue: Catalogue, version: string): Document {
  const payloads = new Map<string, Class<object>>();
  for (const operation of catalogue.operations()) {
    payloads.set(operation.acceptsType, operation.accepts);
    for (const [type, payload] of operation.replies) payloads.set(type, payload);
  }
  for (const { declaration } of catalogue.sources()) for (const payload of declaration.produces) payloads.set(eventTypeOf(payload), payload);
  const channels: Document = {};
  const messages: Document = {};
  for (const [type, payload] of payloads) {
    const id = idOf(type);
    channels[id] = { address: type, messages: { [id]: { $ref: `#/components/messages/${id}` } } };
    messages[id] = {
      name: type,
      title: payload.name,
      contentType: 'application/json',
      headers: { $ref: '#/components/schemas/CloudEventAttributes' },
      payload: payloadSchema(payload, `#/components/messages/${id}/payload/$defs/`),
    };
  }
  const operations: Document = {};
  for (const { system, name, acceptsType, replies } of catalogue.operations()) {
    const about = catalogue.systems.get(system)?.about ?? '';
    operations[`${idOf(system)}_${idOf(name)}`] = {
      action: 'receive',
      channel: { $ref: `#/channels/${idOf(acceptsType)}` },
      title: `${system}: ${name}`,
      summary: about,
    };
    for (const type of replies.keys())
      operations[`${idOf(system)}_${idOf(name)}_${idOf(type)}`] = {
        action: 'send',
        channel: { $ref: `#/channels/${idOf(type)}` },
        title: `${system}: answers ${name}`,
      };
  }
  for (const { system, declaration } of catalogue.sources())
    for (const payload of declaration.produces) {
      const type = eventTypeOf(payload);
      operations[`${idOf(system)}_${idOf(declaration.name)}_${idOf(type)}`] = {
        action: 'send',
        channel: { $ref: `#/channels/${idOf(type)}` },
        title: `${system}: brings in ${declaration.name}`,
      };
    }
  return {
    asyncapi: '3.0.0',
    info: { title: 'Gatehouse', version, description: 'Events that the gateway translates into native calls, and the events it answers with.' },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: { messages, schemas: { CloudEventAttributes: attributesSchema } },
  };
}

const text: Document = { type: 'string', minLength: 1 };
const attributesSchema: Document = {
  type: 'object',
  required: ['specversion', 'id', 'source', 'type'],
  properties: {
    specversion: { const: '1.0' },
    id: text,
    source: text,
    type: text,
    subject: text,
    time: { type: 'string', format: 'date-time' },
    datacontenttype: text,
    correlationid: text,
    causationid: text,
    traceparent: text,
    gatehousehops: text,
  },
};

const idOf = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, '_');
