/** What somebody writes in an afternoon: amqplib, soap with its default client, no validation, no journal, no classes. */
import { connect } from 'amqplib';
import { fileURLToPath } from 'node:url';
import soap from 'soap';
import { openedType, placeGiven, queueArguments, ready, wantedType } from './place.ts';

const { port, exchange, queue, soapUrl } = placeGiven();
const wsdl = fileURLToPath(new URL('../../../adapters/servicenow/servicenow.wsdl', import.meta.url));

const client = await soap.createClientAsync(wsdl, { endpoint: soapUrl });
client.setEndpoint(soapUrl);
client.setSecurity(new soap.BasicAuthSecurity('gatehouse', 'practice'));
const insert = client['insertAsync'] as (args: object) => Promise<[{ sys_id: string; number: string }]>;

const connection = await connect({ hostname: '127.0.0.1', port, username: 'guest', password: 'guest' }, { noDelay: true });
const consuming = await connection.createChannel();
const publishing = await connection.createConfirmChannel();
await consuming.assertExchange(exchange, 'topic', { durable: true });
await consuming.assertQueue(queue, { durable: true, arguments: queueArguments });
await consuming.bindQueue(queue, exchange, wantedType);
await consuming.prefetch(100);

const urgencies = { high: '1', medium: '2', low: '3' } as const;

await consuming.consume(queue, async (message) => {
  if (message === null) return;
  const request = JSON.parse(message.content.toString()) as Record<string, string>;
  const [answer] = await insert({
    caller_id: request['callerId'],
    correlation_id: request['requestId'],
    description: request['details'],
    short_description: request['summary'],
    urgency: urgencies[(request['urgency'] ?? 'low') as keyof typeof urgencies],
  });
  const reply = { requestId: request['requestId'], number: answer.number, sysId: answer.sys_id };
  const headers = {
    'cloudEvents:specversion': '1.0',
    'cloudEvents:id': `reply-${String(message.properties.messageId)}`,
    'cloudEvents:source': '/script',
    'cloudEvents:type': openedType,
    'cloudEvents:causationid': String(message.properties.messageId),
  };
  publishing.publish(
    exchange,
    openedType,
    Buffer.from(JSON.stringify(reply)),
    { persistent: true, mandatory: true, contentType: 'application/json', headers },
    (error: unknown) => {
      if (error === null) consuming.ack(message);
      else throw error instanceof Error ? error : new Error(String(error));
    },
  );
});
ready();
