/** The gateway as it is deployed: Nest, configuration, validation, full journal, metrics, RabbitMQ, SOAP. */
import 'reflect-metadata';
import { join } from 'node:path';
import { configSchema, ownParts } from '../../../src/app.module.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { run } from '../../../src/main.ts';
import { placeGiven, ready } from './place.ts';

const { port, exchange, soapUrl, folder, searched } = placeGiven();
const config = loadConfig(configSchema(ownParts), {
  file: null,
  env: {
    GATEHOUSE_GATEWAY__BUS: 'rabbitmq',
    GATEHOUSE_GATEWAY__LOGLEVEL: 'warn',
    GATEHOUSE_RABBITMQ__HOST: '127.0.0.1',
    GATEHOUSE_RABBITMQ__PORT: String(port),
    GATEHOUSE_RABBITMQ__PASSWORD__ENV: 'BENCH_RABBITMQ',
    GATEHOUSE_RABBITMQ__EXCHANGE: exchange,
    GATEHOUSE_RABBITMQ__QUEUEPREFIX: `${exchange}.`,
    GATEHOUSE_HTTP__PORT: '0',
    GATEHOUSE_JOURNAL__PATH: join(folder, 'journal.db'),
    GATEHOUSE_SYSTEMS__SERVICENOW__CONCURRENCY: '100',
    GATEHOUSE_SYSTEMS__SERVICENOW__SEARCHBODIES: String(searched),
    GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__URL: soapUrl,
    GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__USER: 'gatehouse',
    GATEHOUSE_SYSTEMS__SERVICENOW__SOAP__PASSWORD__ENV: 'BENCH_SOAP',
    BENCH_SOAP: 'practice',
    BENCH_RABBITMQ: 'guest',
  },
});
await run(config);
ready();
