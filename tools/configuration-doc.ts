/** `docs/configuration.md`, made from the schema that the gateway checks a file with. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configForm, type Form, inWords } from '../gateway/src/config/form.ts';

const cell = (text: string) => text.replaceAll('|', '\\|');

function defaultOf(form: Form, required: boolean): string {
  if (required) return '**required**';
  if (form.default === undefined || form.type === 'object') return '–';
  return `\`${JSON.stringify(form.default)}\``;
}

/** The object in a field, or in the entries of a list. */
function inside(form: Form): Form | undefined {
  if (form.properties !== undefined) return form;
  return form.items?.properties === undefined ? undefined : form.items;
}

function section(path: string, form: Form, description: string | undefined): readonly string[] {
  const fields = Object.entries(form.properties ?? {});
  const rows = fields.map(([name, field]) => {
    const what = inside(field) === undefined ? inWords(field) : field.type === 'array' ? 'a list' : 'fields of its own';
    const link = inside(field) === undefined ? `\`${name}\`` : `[\`${name}\`](#${anchor(join2(path, name, field))})`;
    const isRequired = form.required?.includes(name) === true;
    return `| ${link} | ${cell(what)} | ${cell(defaultOf(field, isRequired))} | ${cell(field.description ?? '')} |`;
  });
  return [
    ...(path === '' ? [] : [`## ${path}`, '', ...(description === undefined ? [] : [description, ''])]),
    '| Field | Form | Default | |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
    ...fields.flatMap(([name, field]) => {
      const object = inside(field);
      return object === undefined ? [] : section(join2(path, name, field), object, field.description);
    }),
  ];
}

const join2 = (path: string, name: string, field: Form) =>
  `${path}${path === '' ? '' : '.'}${name}${field.type === 'array' ? '[]' : ''}`;

/** As GitHub makes it of a heading. */
const anchor = (heading: string) => heading.toLowerCase().replaceAll(/[^\w-]/gu, '');

export function configurationDoc(root: string): string {
  const example = readFileSync(join(root, 'docs/gateway.example.yaml'), 'utf8');
  return [
    '# Configuration',
    '',
    '`gateway --config FILE` reads one YAML file. `gateway config check FILE` says what is wrong with it: every problem at once, with its line and what is accepted there.',
    '',
    'A change of `tenants` is taken over within two seconds, without a restart; a file with problems changes nothing and is told in the log. New certificate files are used for new connections. Other fields need a restart, which the log says. `SIGHUP` has the file read at once. Paths are relative to the folder of the file.',
    '',
    '```yaml',
    example.trimEnd(),
    '```',
    '',
    '## Fields',
    '',
    ...section('', configForm, undefined),
  ].join('\n');
}
