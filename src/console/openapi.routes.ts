import { attention, bulks } from './openapi.decisions.routes.ts';
import { adapters, systems } from './openapi.systems.routes.ts';
import { events, translations } from './openapi.translations.routes.ts';
import { before, limit } from './openapi.parameters.ts';
import { type Route, json } from './openapi.route.ts';
import { flag, list, object, oneOf, text, time, whole } from './openapi.shapes.ts';

const others: readonly Route[] = [
  {
    method: 'get',
    path: '/api/caller',
    tag: 'gateway',
    role: 'viewer',
    summary: 'Whom the gateway takes the caller for.',
    answer: json(object({ name: text(), role: oneOf('viewer', 'operator', 'admin') })),
  },
  {
    method: 'get',
    path: '/api/audit',
    tag: 'gateway',
    role: 'admin',
    summary: 'Who did what, and why: every action and every reveal, the newest first.',
    query: [before, limit],
    answer: json(list(object({ seq: whole(), who: text(), what: text(), subject: text(), why: text(), atMs: time }))),
    refuses: [409],
  },
  {
    method: 'get',
    path: '/api/asyncapi.json',
    tag: 'gateway',
    role: 'viewer',
    summary: 'The AsyncAPI document of the events.',
    answer: json({ type: 'object' }),
  },
  { method: 'get', path: '/api/openapi.json', tag: 'gateway', role: 'viewer', summary: 'This document.', answer: json({ type: 'object' }) },
  { method: 'get', path: '/health/live', tag: 'gateway', role: null, summary: 'The process answers.', answer: json(object({ live: flag })) },
  {
    method: 'get',
    path: '/health/ready',
    tag: 'gateway',
    role: null,
    summary: 'Journal and bus answer; how the systems are stands beside it. 503 when it is not ready.',
    answer: json(object({ ready: flag, journal: text(), bus: text(), systems: list({ type: 'object' }) })),
    refuses: [],
  },
  {
    method: 'get',
    path: '/metrics',
    tag: 'gateway',
    role: 'viewer',
    summary: 'Metrics for Prometheus.',
    answer: [{ media: 'text/plain', shape: { type: 'string' } }],
  },
  { method: 'get', path: '/', tag: 'pages', role: null, summary: 'Leads to the console.', status: 302, statusAbout: 'To /console/.', answer: [] },
  { method: 'get', path: '/console', tag: 'pages', role: null, summary: 'The console.', answer: [{ media: 'text/html' }] },
  { method: 'get', path: '/console/{path}', tag: 'pages', role: null, summary: 'The console at one of its pages.', answer: [{ media: 'text/html' }] },
  {
    method: 'get',
    path: '/console/assets/{name}',
    tag: 'pages',
    role: null,
    summary: 'A piece of the console.',
    answer: [{ media: 'text/javascript' }, { media: 'text/css' }],
  },
];

/** Every route of the gateway. */
export const routes: readonly Route[] = [...events, ...translations, ...attention, ...bulks, ...systems, ...adapters, ...others];
