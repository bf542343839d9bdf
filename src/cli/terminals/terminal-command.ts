import { type Command } from 'commander';
import { existsSync } from 'node:fs';
import pc from 'picocolors';
import { GatehouseError } from '../../contract/errors.ts';
import { type Common } from '../commands.ts';
import { safeText } from '../safe-text.ts';
import { writeNew } from './screens-command.ts';

interface Options {
  readonly record?: string;
  readonly force?: boolean;
}

const out = (text: string): void => void process.stdout.write(`${text}\n`);
const note = (text: string): void => void process.stderr.write(`${pc.yellow(text)}\n`);

export function addTerminal(program: Command): void {
  program
    .command('terminal')
    .description('a session with a system by hand, recorded; sketches a map of every screen on the way')
    .argument('<system>', 'the system: its section terminal in the configuration is all that is needed')
    .option('--record <file>', 'the recording, which ends in .cast; the sketch of the maps goes beside it (default: <system>.cast)')
    .option('--force', 'write over files that are there')
    .action(async (system: string, options: Options, command: Command) => {
      if (!process.stdin.isTTY || !process.stdout.isTTY)
        throw new GatehouseError('NOT_POSSIBLE', 'a session by hand needs a terminal on standard input and output, and here is none');
      const film = options.record ?? `${system.replaceAll(/[^\w.-]/g, '_')}.cast`;
      if (!film.endsWith('.cast')) command.error('the file of --record ends in .cast');
      await walk(system, film, options.force === true, command.optsWithGlobals<Common>());
    });
}

async function walk(system: string, film: string, force: boolean, { config, json }: Common): Promise<void> {
  const sketch = film.replace(/\.cast$/, '.screens.ts');
  const there = [film, sketch].filter((file) => existsSync(file));
  if (there.length > 0 && !force)
    throw new GatehouseError('NOT_POSSIBLE', `${there.join(' and ')} would be written over: say --force if that is meant`);
  const [{ loadTransport }, { TerminalSettings }, { driverFor }, { Recording }, { SecretScan }] = await Promise.all([
    import('../../config/load-config.ts'),
    import('../../transports/terminal/terminal.settings.ts'),
    import('../../transports/terminal/drivers.ts'),
    import('../../transports/terminal/recording.ts'),
    import('../../transports/terminal/recording.scan.ts'),
  ]);
  const [{ VisitedScreens }, { sketchesOf, sketchText }, { Walk }, { Stage }, { SystemClock }] = await Promise.all([
    import('../../transports/terminal/sketch/visited-screens.ts'),
    import('../../transports/terminal/sketch/map-sketch.ts'),
    import('./walk.ts'),
    import('./stage.ts'),
    import('../../gateway/clock.ts'),
  ]);
  const settings = loadTransport('terminal', TerminalSettings, system, { file: config, env: process.env });
  const secrets = [settings.password, settings.keyPassphrase].filter((secret) => secret !== undefined);
  const clock = new SystemClock();
  const recording = new Recording(clock, settings.maxRecordingBytes, secrets);
  const visited = new VisitedScreens();
  const person = new Walk({ system, settings, recording, visited, env: process.env });
  const session = await driverFor(settings).open({ system, settings, clock, observe: person.observe }, new AbortController().signal);
  const stage = new Stage(process.stdin, process.stdout, (stroke) => person.hear(stroke));
  let end: string;
  try {
    stage.open();
    end = await person.run(session, stage);
  } finally {
    stage.close();
    await session.close();
  }
  const sealed = await recording.seal();
  const maps = sketchesOf(visited.all);
  const text = sketchText(system, maps);
  const shows = new SecretScan([...secrets, ...person.secrets]).inText(text);
  if (sealed.kept) writeNew(film, sealed.cast, force);
  else note(`${film} is not written: ${sealed.why}`);
  if (sealed.kept && sealed.clipped) note(`${film} is cut at ${settings.maxRecordingBytes} bytes: set terminal.maxRecordingBytes for more`);
  if (shows === null) writeNew(sketch, text, force);
  else note(`${sketch} is not written: it would show the secret ${shows}`);
  const written = [...(sealed.kept ? [film] : []), ...(shows === null ? [sketch] : [])];
  if (json === true) return out(JSON.stringify({ system, end, written, screens: maps }));
  out(`${system}: ${end}`);
  for (const { name, inputs } of maps) out(`  ${safeText(name)}${inputs.length === 0 ? '' : `: ${inputs.map((input) => input.name).join(', ')}`}`);
  for (const file of written) out(`${file} written`);
  if (sealed.kept) out(pc.dim(`play it with: gatehouse screens ${film}`));
}
