import { type Command } from 'commander';
import { readFileSync, writeFileSync } from 'node:fs';
import { type Common } from './commands.ts';

const out = (text: string): void => void process.stdout.write(`${text}\n`);

/** The help of every command, as it stands in the README. */
function cliReference(program: Command): string {
  const rows = program.commands
    .filter((command) => command.name() !== 'docs')
    .map((command) => `| \`gatehouse ${command.name()} ${command.usage().replace('[options]', '').trim()}\` | ${command.description()} |`);
  return ['| command | what it does |', '|---|---|', ...rows.map((row) => row.replaceAll(' `', '`').replaceAll('|`', '| `'))].join('\n');
}

/** The generated sections of the README, by name. */
export async function generatedSections(program: Command): Promise<Readonly<Record<string, string>>> {
  const { configReference, failureTable } = await import('../documents/tables.ts');
  const { configSchema, ownParts } = await import('../app.module.ts');
  const { SystemSettings } = await import('../contract/settings.ts');
  const { sections, systems } = configSchema(ownParts);
  const transports = Object.assign(
    {},
    ...[...systems].flatMap(([, byName]) => Object.entries(byName).map(([name, settings]) => ({ [`systems.<system>.${name}`]: settings }))),
  ) as Record<string, never>;
  const sources = Object.fromEntries((ownParts.sourceTransports ?? []).map(({ name, settings }) => [`systems.<system>.${name}`, settings as never]));
  return {
    config: configReference({
      ...(sections as unknown as Record<string, never>),
      'systems.<system>': SystemSettings as never,
      ...transports,
      ...sources,
    }),
    failures: failureTable(),
    cli: cliReference(program),
  };
}

export function addDocuments(program: Command): void {
  program
    .command('asyncapi')
    .description('the AsyncAPI document of everything the gateway takes and publishes')
    .action(async () => {
      const { asyncApi } = await import('../documents/asyncapi.ts');
      const { ownParts } = await import('../app.module.ts');
      const { build } = await import('../contract/build.ts');
      const { Catalogue } = await import('../contract/catalogue.ts');
      out(JSON.stringify(asyncApi(new Catalogue(ownParts.adapters), build), null, 2));
    });
  program
    .command('openapi')
    .description('the OpenAPI document of every route of the gateway')
    .action(async () => {
      const { openApi } = await import('../console/openapi.ts');
      const { build } = await import('../contract/build.ts');
      out(JSON.stringify(openApi(build), null, 2));
    });
  program
    .command('config')
    .description('checks the configuration and shows it, secrets by their names only')
    .action(async (_options: object, command: Command) => {
      const { readConfig } = await import('../app.module.ts');
      const config = readConfig(command.optsWithGlobals<Common>().config);
      out(
        JSON.stringify(
          {
            ...config,
            systems: Object.fromEntries([...config.systems].map(([system, { settings, transports }]) => [system, { ...settings, ...transports }])),
          },
          null,
          2,
        ),
      );
    });
  program
    .command('cases')
    .description('runs the cases of every adapter against its practice system and from the recording')
    .argument('[system]')
    .option('--recorded', 'from the recording only')
    .action(async (system: string | undefined, { recorded = false }: { recorded?: boolean }, command: Command) => {
      const { runCases } = await import('../practice/cases.ts');
      process.exitCode = await runCases({ system, recorded, json: command.optsWithGlobals<Common>().json === true });
    });
  program
    .command('docs', { hidden: true })
    .description('writes the generated sections of the README')
    .action(async () => {
      const { withSection } = await import('../documents/tables.ts');
      let readme = readFileSync('README.md', 'utf8');
      for (const [name, content] of Object.entries(await generatedSections(program))) readme = withSection(readme, name, content);
      writeFileSync('README.md', readme);
    });
}
