import type { Form } from '../features/feature.ts';
import { type XmlElement, xml } from '../xmpp/element.ts';

/** XEP-0004 */
export const FORMS = 'jabber:x:data';
const FORM_TYPE = 'FORM_TYPE';
/** Of what an app fills in: no form of ours has more. */
const MOST_VALUES = 1_000;

export function formElement({ type, title, instructions, fields }: Form): XmlElement {
  return xml(
    'x',
    { xmlns: FORMS, type: 'form' },
    xml('title', {}, title),
    xml('instructions', {}, instructions),
    xml('field', { var: FORM_TYPE, type: 'hidden' }, xml('value', {}, type)),
    ...fields.map(({ name, kind, label, required }) =>
      xml('field', { var: name, type: kind, label }, required && xml('required')),
    ),
  );
}

/** What is told in a form, such as one of XEP-0128. */
export function resultForm(type: string, values: Readonly<Record<string, string>>): XmlElement {
  return xml(
    'x',
    { xmlns: FORMS, type: 'result' },
    xml('field', { var: FORM_TYPE, type: 'hidden' }, xml('value', {}, type)),
    ...Object.entries(values).map(([name, value]) => xml('field', { var: name }, xml('value', {}, value))),
  );
}

/**
 * What an app filled in: values by the form's fields, others left out; empty values are none. `undefined`: it is no
 * answer to this form.
 */
export function filledIn(element: XmlElement, form: Form): ReadonlyMap<string, readonly string[]> | undefined {
  if (element.attrs.type !== 'submit') return undefined;
  const known = new Set([FORM_TYPE, ...form.fields.map(({ name }) => name)]);
  const values = new Map<string, readonly string[]>();
  let count = 0;
  for (const field of element.getChildren('field', FORMS)) {
    const name = field.attrs.var ?? '';
    if (!known.has(name)) continue;
    const given = field
      .getChildren('value', FORMS)
      .map((value) => value.text())
      .filter((value) => value !== '');
    count += given.length;
    if (values.has(name) || count > MOST_VALUES) return undefined;
    values.set(name, given);
  }
  const type = values.get(FORM_TYPE);
  // COMPAT(some scripts, they leave the type out) [XEP-0068 §2]
  if (type !== undefined && type[0] !== form.type) return undefined;
  return form.fields.every(({ name, required }) => !required || (values.get(name)?.length ?? 0) > 0)
    ? values
    : undefined;
}
