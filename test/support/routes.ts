import { type RunningGateway } from '../../src/main.ts';

export interface ServedRoute {
  readonly method: string;
  /** With `{}` for whatever stands there: `/api/systems/{}/pulse`. */
  readonly path: string;
}

/** What the server routes, as its own router prints it; HEAD goes with GET. */
export function servedRoutes({ app }: RunningGateway): readonly ServedRoute[] {
  const server = app.getHttpAdapter().getInstance() as unknown as { printRoutes(options: object): string };
  const found: ServedRoute[] = [];
  const pieces: string[] = [];
  for (const line of server.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', piece = '', methods = ''] = /^([│ ]*)(?:[├└]── )(.*?)(?: \(([A-Z, ]+)\))?$/u.exec(line) ?? [];
    if (piece === '') continue;
    const depth = indent.length / 4;
    pieces.length = depth;
    pieces.push(piece);
    const path = pieces
      .join('')
      .replace(/\*$/, '/:rest')
      .replaceAll(/:\w+(?:\|:\w+)*/g, '{}');
    for (const method of methods.split(', ').filter((each) => each !== '' && each !== 'HEAD')) found.push({ method: method.toLowerCase(), path });
  }
  return found;
}
