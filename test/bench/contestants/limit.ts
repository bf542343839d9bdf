/** The limit: the same job with undici and a template string, nothing checked. */
import { connect } from 'amqplib';
import { Pool } from 'undici';
import { openedType, placeGiven, queueArguments, ready, wantedType } from './place.ts';

const { port, exchange, queue, soapUrl } = placeGiven();
const pool = new Pool(new URL(soapUrl).origin, { connections: 100 });
const authorization = `Basic ${Buffer.from('gatehouse:practice').toString('base64')}`;

const connection = await connect({ hostname: '127.0.0.1', port, username: 'guest', password: 'guest' }, { noDelay: true });
const consuming = await connection.createChannel();
const publishing = await connection.createConfirmChannel();
await consuming.assertExchange(exchange, 'topic', { durable: true });
await consuming.assertQueue(queue, { durable: true, arguments: queueArguments });
await consuming.bindQueue(queue, exchange, wantedType);
await consuming.prefetch(100);

await consuming.consume(queue, async (message) => {
  if (message === null) return;
  const { callerId, requestId, details, summary } = JSON.parse(message.content.toString()) as Record<string, string>;
  const response = await pool.request({
    method: 'POST',
    path: '/incident.do?SOAP',
    headers: { 'content-type': 'text/xml', authorization },
    body: `<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><tns:insert xmlns:tns="http://www.service-now.com/incident"><caller_id>${callerId}</caller_id><correlation_id>${requestId}</correlation_id><description>${details}</description><short_description>${summary}</short_description><urgency>3</urgency></tns:insert></soap:Body></soap:Envelope>`,
  });
  const answer = await response.body.text();
  const number = /<number>(.*?)</.exec(answer)?.[1];
  const headers = { 'cloudEvents:type': openedType, 'cloudEvents:causationid': String(message.properties.messageId) };
  publishing.publish(
    exchange,
    openedType,
    Buffer.from(`{"requestId":"${requestId}","number":"${number}"}`),
    { persistent: true, mandatory: true, headers },
    () => consuming.ack(message),
  );
});
ready();
