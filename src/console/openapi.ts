import { type Json } from '../contract/json.ts';
import { type Content, type Parameter, type Route, meaningOf } from './openapi.route.ts';
import { routes } from './openapi.routes.ts';
import { schemas } from './openapi.schemas.ts';

type Document = { [key: string]: Json };

const problem: Document = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
const roles = {
  sender: 'sender; not viewer',
  viewer: 'viewer, operator or admin',
  operator: 'operator or admin',
  admin: 'admin',
} as const;

/** Every route of the gateway, as an OpenAPI document. @see OpenAPI 3.1.0 specification */
export function openApi(version: string): Document {
  const paths: { [path: string]: Document } = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operationOf(route) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      description: 'Every decision asks why and is recorded. A refusal is problem+json: what was refused, why, and what to do.',
    },
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token of http.tokens; none is asked for where none is configured.' },
      },
    },
  };
}

function operationOf(route: Route): Document {
  const { method, path, tag, summary, role, query = [], headers = [], body, status = 200, statusAbout = 'Done.', answer, refuses = [] } = route;
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => parameter('path', { name, about: '' }));
  const refusals = [...(role === null ? [] : [401, 403]), ...refuses];
  return {
    operationId: `${method} ${path}`.replaceAll(/[^A-Za-z]+/g, '_').replace(/_$/, ''),
    tags: [tag],
    summary,
    ...(role === null ? { security: [] } : { security: [{ token: [] }], description: `Needs ${roles[role]}.`, 'x-role': role }),
    parameters: [...inPath, ...query.map((each) => parameter('query', each)), ...headers.map((each) => parameter('header', each))],
    ...(body === undefined ? {} : { requestBody: { required: route.bodyOptional !== true, content: contentOf(body) } }),
    responses: {
      [String(status)]: { description: statusAbout, ...(answer.length === 0 ? {} : { content: contentOf(answer) }) },
      ...Object.fromEntries(refusals.map((code) => [String(code), { description: refusalOf(code), content: problem }])),
      default: { description: 'A mistake of the gateway: see its log.', content: problem },
    },
  };
}

const refusalOf = (status: number): string =>
  status === 401 ? 'A token is needed.' : status === 403 ? 'The role does not allow it, or a page of another origin asks.' : meaningOf(status);

const parameter = (place: 'path' | 'query' | 'header', { name, about, shape = { type: 'string' } }: Parameter): Document => ({
  name,
  in: place,
  required: place === 'path',
  ...(about === '' ? {} : { description: about }),
  schema: shape,
});

const contentOf = (contents: readonly Content[]): Document =>
  Object.fromEntries(contents.map(({ media, shape }): [string, Json] => [media, shape === undefined ? {} : { schema: shape }]));
