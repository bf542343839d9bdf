import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';
import { GatehouseError } from '../../contract/errors.ts';
import { type Secret } from '../../contract/secret.ts';
import { Setting } from '../../contract/settings.ts';

export class RabbitmqTlsSettings {
  @Setting('Certificates (PEM file) to trust instead of the public ones.')
  @IsOptional()
  @IsString()
  caFile?: string;

  @Setting('Client certificate (PEM file).')
  @IsOptional()
  @IsString()
  certificateFile?: string;

  @Setting('Key of the client certificate, PEM.', { secret: true })
  @IsOptional()
  key?: Secret;

  @Setting('Name that the certificate of RabbitMQ must have, when it is not the host.')
  @IsOptional()
  @IsString()
  serverName?: string;
}

/** An exchange of somebody else whose messages a system gets, and how to read those that are no CloudEvents. */
export class BindingSettings {
  @Setting('The system whose queue is bound.')
  @IsString()
  @MinLength(1)
  system = '';

  @Setting('The exchange, which must exist; by default the one of the gateway.')
  @IsOptional()
  @IsString()
  exchange?: string;

  @Setting('Routing keys to bind: * is one word, # none or more.')
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(200)
  @IsString({ each: true })
  @MaxLength(255, { each: true })
  routingKeys: string[] = ['#'];

  @Setting('Type of a plain message; {routingKey} and {exchange} are filled in.')
  @Matches(/^(?:[A-Za-z0-9._-]|\{routingKey\}|\{exchange\}){1,255}$/)
  type = '{routingKey}';

  @Setting('Source of a plain message.')
  @IsString()
  @MinLength(1)
  source = '/rabbitmq/{exchange}';

  @Setting('Where the id of a plain message is, the first that is there: message-id, header:NAME, field:PATH.')
  @IsArray()
  @Matches(/^(?:message-id|header:.{1,200}|field:[^\s]{1,200})$/, { each: true })
  id: string[] = ['message-id'];

  @Setting(
    'What a message without an id is: hash (equal bodies are one event, as long as identities are kept) or each (every delivery is an event, also a redelivered one). Without this it is parked.',
  )
  @IsOptional()
  @IsIn(['hash', 'each'])
  withoutId?: 'hash' | 'each';

  @Setting('What tells events apart beside source and id, for senders whose ids are not unique: type, field:PATH.')
  @IsArray()
  @Matches(/^(?:type|field:[^\s]{1,200})$/, { each: true })
  identityAdds: string[] = [];

  @Setting('A plain body that is no JSON: park, ignore (counted), or wrap as {"body": text} or {"bodyBase64": bytes}.')
  @IsIn(['park', 'ignore', 'wrap'])
  notJson: 'park' | 'ignore' | 'wrap' = 'park';
}

export class RabbitmqSettings {
  @Setting('Host of RabbitMQ.')
  @IsString()
  @MinLength(1)
  host = 'localhost';

  @Setting('Port; 0 is 5672, or 5671 with TLS.')
  @IsInt()
  @Min(0)
  @Max(65_535)
  port = 0;

  @Setting('Virtual host.')
  @IsString()
  virtualHost = '/';

  @Setting('User; empty with a client certificate uses the certificate (SASL EXTERNAL).')
  @IsString()
  user = 'guest';

  @Setting('Password of the user.', { secret: true })
  @IsOptional()
  password?: Secret;

  @Setting('TLS; without this section the connection is plain.', { nested: RabbitmqTlsSettings })
  @IsOptional()
  tls?: RabbitmqTlsSettings;

  @Setting('Topic exchange that events come from and replies go to; the routing key is the event type.')
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  exchange = 'gatehouse';

  @Setting('Queue of a system: this and the name of the system.')
  @IsString()
  @MaxLength(100)
  queuePrefix = 'gatehouse.';

  @Setting('Exchange, queues and bindings are declared; with false they must be there, and are only looked at.')
  @IsBoolean()
  declare = true;

  @Setting('Events over maxEventBytes: park keeps the first bytes and the hash, dead-letter sends the whole message to the dead letter exchange.')
  @IsIn(['park', 'dead-letter'])
  oversized: 'park' | 'dead-letter' = 'park';

  @Setting('Fanout exchange for events that are too large.')
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  deadLetterExchange = 'gatehouse.dead-letter';

  @Setting('How replies are written: binary (attributes as headers, the body is the data) or structured (all in one JSON body).')
  @IsIn(['binary', 'structured'])
  mode: 'binary' | 'structured' = 'binary';

  @Setting('Prefix of attribute headers in binary mode. All three are read.')
  @IsIn(['cloudEvents:', 'cloudEvents_', 'ce-'])
  attributePrefix: 'cloudEvents:' | 'cloudEvents_' | 'ce-' = 'cloudEvents:';

  @Setting('Deliveries of one system that are not acked yet. Fewer when bodies are large: at most 64 MB.')
  @IsInt()
  @Min(1)
  @Max(2_000)
  prefetch = 100;

  @Setting('Seconds between heartbeats; a silent connection is given up after two.')
  @IsInt()
  @Min(1)
  @Max(600)
  heartbeatSeconds = 10;

  @Setting('Longest time to connect, ms.')
  @IsInt()
  @Min(1)
  connectTimeoutMs = 5_000;

  @Setting('Further exchanges and routing keys, and how to read messages that are no CloudEvents.', { nested: BindingSettings, list: true })
  @IsArray()
  @ArrayMaxSize(500)
  bindings: BindingSettings[] = [];
}

/** @throws GatehouseError CONFIG_INVALID when a binding names a system that is not there */
export function checkBindings({ bindings }: RabbitmqSettings, systems: readonly string[]): void {
  for (const [index, { system }] of bindings.entries())
    if (!systems.includes(system))
      throw new GatehouseError(
        'CONFIG_INVALID',
        `rabbitmq.bindings[${index}].system: there is no system '${system}'; there are ${systems.join(', ')}`,
      );
}
