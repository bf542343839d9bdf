import { type Command } from 'commander';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GatehouseError } from '../contract/errors.ts';
import { type Common } from './commands.ts';
import { type CopybookFlags, typesOfCopybookFile, withCopybookOptions } from './layout-command.ts';
import { safeText } from './safe-text.ts';

interface Options extends CopybookFlags {
  readonly port?: string;
  readonly operations?: string;
  readonly out?: string;
  readonly adapter?: string;
  readonly force?: boolean;
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);

export function addTypes(program: Command): void {
  withCopybookOptions(
    program
      .command('types')
      .description('TypeScript types of a WSDL or a copybook, or a whole adapter to begin with')
      .argument('<file>', 'the WSDL; what it imports lies beside it; or a COBOL copybook'),
  )
    .option('--port <port>', 'port of the WSDL; its first SOAP port otherwise')
    .option('--operations <names>', 'only these, with commas; all otherwise')
    .option('--out <file>', 'write the types here instead of to standard output')
    .option('--adapter <system>', 'write adapters/<system>: layout, types, events, one operation')
    .option('--force', 'write over files that are there')
    .action(async (file: string, options: Options, command: Command) => {
      if (options.out !== undefined && options.adapter !== undefined) command.error('say one of --out <file>, --adapter <system>');
      const kind = kindOf(file);
      const json = command.optsWithGlobals<Common>().json === true;
      if (kind === 'copybook') return writeCopybookTypes(file, options, json);
      return options.adapter === undefined ? writeTypes(file, options, json) : writeAdapter(file, options.adapter, options, json);
    });
}

async function writeTypes(file: string, options: Options, json: boolean): Promise<void> {
  const { madeBy, wsdlTypes } = await import('../transports/soap/types/contract.ts');
  const folder = dirname(resolve(options.out ?? join('adapters', 'system', 'x')));
  const text = wsdlTypes(pathToFileURL(resolve(file)), {
    ...selection(options),
    contract: slashes(relative(folder, resolve('src/contract/index.ts'))),
    command: commandOf(file, options),
  });
  if (options.out === undefined) return void process.stdout.write(text);
  const isOurs = existsSync(options.out) && readFileSync(options.out, 'utf8').slice(0, 200).includes(madeBy);
  writeAll(new Map([[options.out, text]]), options.force === true || isOurs);
  return out(json ? JSON.stringify({ written: [options.out] }) : `${options.out} written`);
}

/** @throws GatehouseError NOT_POSSIBLE for what only a WSDL has */
function writeCopybookTypes(file: string, options: Options, json: boolean): void {
  const given = (['port', 'operations', 'adapter'] as const).find((name) => options[name] !== undefined);
  if (given !== undefined) throw new GatehouseError('NOT_POSSIBLE', `${file} is a copybook, and --${given} is for a WSDL`);
  const text = typesOfCopybookFile(file, options);
  if (options.out === undefined) return void process.stdout.write(text);
  writeAll(new Map([[options.out, text]]), options.force === true);
  return out(json ? JSON.stringify({ written: [options.out] }) : `${options.out} written`);
}

async function writeAdapter(file: string, system: string, options: Options, json: boolean): Promise<void> {
  const { adapterSkeleton } = await import('../transports/soap/types/adapter-skeleton.ts');
  const folder = join('adapters', system);
  const command = commandOf(file, { ...options, out: slashes(join(folder, `${system}.types.ts`)) });
  const { files, nextSteps } = adapterSkeleton(pathToFileURL(resolve(file)), { ...selection(options), system, command });
  const written = new Map([...files].map(([path, content]) => [join(folder, path), content]));
  writeAll(written, options.force === true);
  if (json) return out(JSON.stringify({ written: [...written.keys()], nextSteps }));
  for (const path of written.keys()) out(`${safeText(path)} written`);
  out('\nThen:');
  return nextSteps.forEach((step, index) => out(`${index + 1}. ${safeText(step)}`));
}

/** By its first character, since files of both kinds have all kinds of names. @throws GatehouseError NOT_FOUND */
function kindOf(file: string): 'xml' | 'copybook' {
  let head: Uint8Array;
  try {
    head = readFileSync(file).subarray(0, 1_000);
  } catch (error) {
    throw new GatehouseError('NOT_FOUND', `${file} cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
  }
  // Byte order marks and the zeros of UTF-16 are no printable ASCII.
  const first = head.find((byte) => byte > 0x20 && byte < 0x7f);
  return first === '<'.charCodeAt(0) ? 'xml' : 'copybook';
}

const selection = ({ port, operations }: Options): { port?: string; operations?: readonly string[] } => ({
  ...(port === undefined ? {} : { port }),
  ...(operations === undefined
    ? {}
    : {
        operations: operations
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      }),
});

function commandOf(file: string, { port, operations, out: target }: Options): string {
  const words = [
    file,
    ...(port === undefined ? [] : ['--port', port]),
    ...(operations === undefined ? [] : ['--operations', operations]),
    ...(target === undefined ? [] : ['--out', target]),
  ];
  return `npx gatehouse types ${words.map((word) => (/^[\w./:,=@-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ')}`;
}

const slashes = (path: string): string => path.split(sep).join('/');

/** All of them or none. @throws GatehouseError NOT_POSSIBLE when one is there */
function writeAll(files: ReadonlyMap<string, string | Uint8Array>, force: boolean): void {
  const there = [...files.keys()].filter((path) => existsSync(path));
  if (there.length > 0 && !force)
    throw new GatehouseError(
      'NOT_POSSIBLE',
      `${there.slice(0, 5).join(', ')}${there.length > 5 ? ` and ${there.length - 5} more` : ''} would be written over: say --force if that is meant`,
    );
  for (const [path, content] of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
