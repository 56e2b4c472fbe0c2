import type { Form, FormField } from '../features/feature.ts';
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
    ...fields.map(fieldElement),
  );
}

function fieldElement({ name, kind, label, required, value, options }: FormField): XmlElement {
  const values = value === undefined ? [] : kind === 'text-multi' ? value.split('\n') : [value];
  return xml(
    'field',
    { var: name, type: kind, label },
    required && xml('required'),
    ...values.map((text) => xml('value', {}, text)),
    ...(options ?? []).map((option) => xml('option', { label: option.label }, xml('value', {}, option.value))),
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
 * What an app filled in: values by fields; empty values are none. `undefined`: it is no answer to a form of this type.
 * `known`: fields that are read, if not all are.
 */
export function submitted(
  element: XmlElement,
  formType: string,
  known?: ReadonlySet<string>,
): ReadonlyMap<string, readonly string[]> | undefined {
  if (element.attrs.type !== 'submit') return undefined;
  const values = new Map<string, readonly string[]>();
  let count = 0;
  for (const field of element.getChildren('field', FORMS)) {
    const name = field.attrs.var ?? '';
    if (known?.has(name) === false && name !== FORM_TYPE) continue;
    const given = field
      .getChildren('value', FORMS)
      .map((value) => value.text())
      .filter((value) => value !== '');
    count += given.length;
    if (values.has(name) || count > MOST_VALUES || values.size >= MOST_VALUES) return undefined;
    values.set(name, given);
  }
  const type = values.get(FORM_TYPE);
  values.delete(FORM_TYPE);
  // COMPAT(some scripts, they leave the type out) [XEP-0068 §2]
  return type === undefined || type[0] === formType ? values : undefined;
}

/** As {@link submitted}: values of this form's fields, others left out, and none that is required is missing. */
export function filledIn(element: XmlElement, form: Form): ReadonlyMap<string, readonly string[]> | undefined {
  const values = submitted(element, form.type, new Set(form.fields.map(({ name }) => name)));
  return form.fields.every(({ name, required }) => !required || (values?.get(name)?.length ?? 0) > 0)
    ? values
    : undefined;
}
