import { type Catalogue, type CataloguedOperation } from '../contract/catalogue.ts';
import { type Clock } from '../contract/clock.ts';
import { type DeskAct } from '../contract/control.ts';
import { type Code, GatehouseError } from '../contract/errors.ts';
import { type CloudEvent } from '../contract/event.ts';
import { type Json } from '../contract/json.ts';
import { type OperatorAct } from '../contract/journal.ts';
import { type Story, type StoryCall } from '../contract/journal-reader.ts';
import { type Telemetry } from '../contract/telemetry.ts';
import { isProbed, openCalls } from './doubts.ts';
import { contentDigest, correlationOf, derivedUuid, hopsOf } from './identity.ts';
import { instanceOf, valueAt } from './payload.ts';
import { eventOf } from './reply.ts';
import { checkSize } from './size.ts';
import { type System } from './system.ts';

export interface DecisionsSurroundings {
  readonly clock: Clock;
  readonly catalogue: Catalogue;
  readonly systems: ReadonlyMap<string, System>;
  readonly telemetry: Telemetry | null;
  readonly intake: { readonly maxEventBytes: number };
}

/** What a person decides of a translation, checked against its story and the adapter of now, and completed for the journal. */
export class Decisions {
  readonly #around: DecisionsSurroundings;

  constructor(around: DecisionsSurroundings) {
    this.#around = around;
  }

  /** @throws GatehouseError NOT_POSSIBLE, ANSWER_INVALID, REPLY_INVALID, EVENT_INVALID */
  async complete(story: Story, act: DeskAct): Promise<OperatorAct> {
    switch (act.kind) {
      case 'happened': {
        const call = callInDoubt(story, act.callSeq);
        this.#checkSize('ANSWER_INVALID', `${story.translation.system}: the answer of ${call.name}`, act.answer);
        this.#checkAnswer(story, call, act.answer);
        return { kind: 'happened', callSeq: call.seq, answer: act.answer };
      }
      case 'did not':
        return { kind: 'did not', callSeq: callInDoubt(story, act.callSeq).seq };
      case 'probe': {
        const call = callInDoubt(story, act.callSeq);
        const { system } = story.translation;
        if (!isProbed(this.#around.systems.get(system), call.name))
          throw new GatehouseError('NOT_POSSIBLE', `${system}: ${call.name} has no probe; settle it as happened or did not`);
        return { kind: 'probe', callSeq: call.seq };
      }
      case 'discard':
        return act.reply === undefined ? { kind: 'discard' } : { kind: 'discard', reply: await this.#refusal(story, act.reply) };
      case 'replay':
        return this.#replay(story, act.data);
      default:
        return act;
    }
  }

  #checkAnswer({ translation }: Story, call: StoryCall, answer: Json): void {
    const system = this.#around.systems.get(translation.system);
    const declaration = system?.declaration(call.name);
    if (system === undefined || declaration === undefined)
      throw new GatehouseError(
        'NOT_POSSIBLE',
        `${translation.system} no longer declares ${call.name}: fix the code and retry, replay as new, or discard`,
      );
    const wrong = system.linkOf(declaration).violations(call.name, answer);
    if (wrong.length > 0) throw new GatehouseError('ANSWER_INVALID', `${system.name}: this is no answer of ${call.name}: ${wrong.join('; ')}`);
  }

  /** One of the operation's declared refusals, as the reply event that leaves with the discard. */
  async #refusal(story: Story, reply: { readonly type: string; readonly data: Json }): Promise<CloudEvent> {
    const operation = this.#operation(story);
    const payload = operation.replies.get(reply.type);
    if (payload === undefined)
      throw new GatehouseError(
        'REPLY_INVALID',
        `${operation.name} does not publish '${reply.type.slice(0, 200)}'; it declares ${[...operation.replies.keys()].join(', ')}`,
      );
    this.#checkSize('REPLY_INVALID', `${operation.system} ${operation.name}: the data of the reply`, reply.data);
    await instanceOf(payload, reply.data, 'REPLY_INVALID');
    const { translation, event } = story;
    const cause = {
      id: translation.id,
      system: translation.system,
      event: { attributes: event.attributes, data: new Uint8Array() },
      correlation: translation.correlation,
      hops: hopsOf(event.attributes),
    };
    const { clock, telemetry } = this.#around;
    const sampled = telemetry?.samples(event.attributes, translation.id);
    const id = derivedUuid(translation.id, 'discarded');
    return eventOf(cause, reply.type, Buffer.from(JSON.stringify(reply.data)), id, clock.wallMs(), sampled);
  }

  /** As it was, or with the data that the person has edited. */
  async #replay(story: Story, data: Json | undefined): Promise<OperatorAct> {
    const operation = this.#operation(story);
    if (data === undefined) {
      if (story.event.data.bytes === null)
        throw new GatehouseError('NOT_POSSIBLE', 'the body of the event is no longer kept: replay it with edited data');
      return { kind: 'replay' };
    }
    this.#checkSize('EVENT_TOO_LARGE', `${operation.system} ${operation.name}: the data of the replay`, data);
    await instanceOf(operation.accepts, data, 'EVENT_INVALID');
    const event: CloudEvent = {
      attributes: { ...story.event.attributes, correlationid: correlationOf(story.event.attributes), datacontenttype: 'application/json' },
      data: Buffer.from(JSON.stringify(data)),
    };
    return {
      kind: 'replay',
      event,
      digest: contentDigest(event.attributes.type, event.data),
      key: operation.key === null ? null : valueAt(data, operation.key),
      businessKey: operation.businessKey === null ? null : valueAt(data, operation.businessKey),
    };
  }

  #checkSize(code: Code, what: string, value: Json): void {
    checkSize(code, what, value, this.#around.intake.maxEventBytes);
  }

  #operation({ translation }: Story): CataloguedOperation {
    const operation = this.#around.catalogue.operation(translation.system, translation.operation);
    if (operation === undefined)
      throw new GatehouseError('NOT_POSSIBLE', `${translation.system} has no operation '${translation.operation}' any more`);
    return operation;
  }
}

/** The call a person settles: the one that is named, or the only one in doubt. */
function callInDoubt(story: Story, callSeq: number | undefined): StoryCall {
  const { translation } = story;
  const open = openCalls(story);
  const call = callSeq === undefined ? (open.length === 1 ? open[0] : undefined) : open.find(({ seq }) => seq === callSeq);
  if (call !== undefined) return call;
  const choice = open.map(({ seq, name }) => `${seq} (${name})`).join(', ');
  throw new GatehouseError('NOT_POSSIBLE', open.length === 0 ? `${translation.id} has no call in doubt` : `say which call: ${choice}`);
}
