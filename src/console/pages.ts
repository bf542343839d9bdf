import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/**
 * Nothing but what this gateway serves runs or is asked: payloads are strangers' words, and a mistake in showing them must not become a script.
 * @see https://www.w3.org/TR/CSP3/
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

export interface PageAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string;
}

/** The built pages, read once: names that were not built are not there, whatever they spell. */
export class Pages {
  readonly #files = new Map<string, Uint8Array>();

  /** `folders`: the first that is there. */
  constructor(folders: readonly URL[]) {
    const folder = folders.find((each) => existsSync(each));
    if (folder === undefined) return;
    const root = fileURLToPath(folder);
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) this.#files.set(relative(root, path).replaceAll('\\', '/'), readFileSync(path));
    }
  }

  answer(name: string, acceptEncoding: string): PageAnswer {
    const packed = /\bgzip\b/.test(acceptEncoding) ? this.#files.get(`${name}.gz`) : undefined;
    const body = packed ?? this.#files.get(name);
    if (body === undefined)
      return {
        status: 404,
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: name === 'index.html' ? 'The console was not built: run npm run build.\n' : 'There is nothing at this address.\n',
      };
    return {
      status: 200,
      headers: {
        'content-type': types[extname(name)] ?? 'application/octet-stream',
        'content-security-policy': policy,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
        // Assets have their hash in the name.
        'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        vary: 'accept-encoding',
        ...(packed === undefined ? {} : { 'content-encoding': 'gzip' }),
      },
      body,
    };
  }
}
