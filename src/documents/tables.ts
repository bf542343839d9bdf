import { type Class } from '../contract/json.ts';
import { codes } from '../contract/errors.ts';
import { settingsOf } from '../contract/settings.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

/** Every code with its class, what it means and what to do. */
export function failureTable(): string {
  const rows = Object.entries(codes).map(([code, entry]) => `| \`${code}\` | ${entry.class} | ${cell(entry.means)} | ${cell(entry.remedy)} |`);
  return ['| code | class | means | what to do |', '|---|---|---|---|', ...rows].join('\n');
}

/** Every setting with its default, from the classes that declare them. */
export function configReference(sections: Readonly<Record<string, Class>>): string {
  const rows = Object.entries(sections).flatMap(([path, section]) => settingRows(path, section));
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n');
}

function settingRows(path: string, section: Class): string[] {
  const defaults = new (section as new () => Record<string, unknown>)();
  return settingsOf(section).flatMap(({ name, doc, nested, list, secret }) => {
    const here = `${path}.${name}${list === true ? '[]' : ''}`;
    if (nested !== undefined) return [`| \`${here}\` | | ${cell(doc)} |`, ...settingRows(here, nested)];
    const initial = defaults[name];
    const shown = secret === true ? '`{ env: NAME }` or `{ file: path }`' : initial === undefined ? '' : `\`${JSON.stringify(initial)}\``;
    return [`| \`${here}\` | ${shown} | ${cell(doc)} |`];
  });
}

/** Replaces what stands between the marks of a generated section. @throws Error when the marks are missing */
export function withSection(readme: string, name: string, content: string): string {
  const [open, close] = [`<!-- generated: ${name} -->`, '<!-- end -->'];
  const from = readme.indexOf(open);
  const to = readme.indexOf(close, from);
  if (from < 0 || to < 0) throw new Error(`the README has no section '${open} … ${close}'`);
  return `${readme.slice(0, from + open.length)}\n${content}\n${readme.slice(to)}`;
}
