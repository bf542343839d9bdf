import { type JSX } from 'preact';
import { type Json } from '../../../../contract/json.ts';
import { type Schema, blankOf, propertiesOf, requiredOf, resolved, wordsOf } from './schema.ts';

interface FormProps {
  readonly name: string;
  readonly schema: Schema;
  readonly root: Schema;
  readonly value: Json | undefined;
  readonly onValue: (value: Json | undefined) => void;
  readonly required: boolean;
}

/** Inputs for what a schema describes. A value that is not there is left out of the payload. */
export function Field({ name, schema: given, root, value, onValue, required }: FormProps): JSX.Element {
  const schema = resolved(given, root);
  const absent = value === undefined;
  const hint = wordsOf(schema, root);
  if (schema['type'] === 'object')
    return (
      <Group name={name} absent={absent} required={required} schema={schema} root={root} onValue={onValue}>
        <Properties schema={schema} root={root} value={value} onValue={onValue} />
      </Group>
    );
  if (schema['type'] === 'array')
    return (
      <Group name={name} absent={absent} required={required} schema={schema} root={root} onValue={onValue}>
        <Items name={name} schema={schema} root={root} value={value} onValue={onValue} />
      </Group>
    );
  return (
    <label class="field">
      <span>
        {name}
        {required ? (
          <span class="must" title="must be there">
            {' '}
            *
          </span>
        ) : null}
        <span class="hint"> {hint}</span>
      </span>
      <Input name={name} schema={schema} value={value} onValue={onValue} required={required} />
    </label>
  );
}

type InputProps = Pick<FormProps, 'name' | 'schema' | 'value' | 'onValue' | 'required'>;

function Input({ name, schema, value, onValue, required }: InputProps): JSX.Element {
  const text = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);
  const choices = Array.isArray(schema['enum']) ? schema['enum'] : schema['type'] === 'boolean' ? [true, false] : null;
  if (choices !== null)
    return (
      <select
        name={name}
        value={value === undefined ? '' : JSON.stringify(value)}
        onChange={({ currentTarget }) => onValue(currentTarget.value === '' ? undefined : (JSON.parse(currentTarget.value) as Json))}
      >
        {required && value !== undefined ? null : <option value="">(left out)</option>}
        {choices.map((choice) => (
          <option key={JSON.stringify(choice)} value={JSON.stringify(choice)}>
            {String(choice)}
          </option>
        ))}
      </select>
    );
  const isNumber = schema['type'] === 'integer' || schema['type'] === 'number';
  const take = (typed: string): void => {
    if (typed === '' && !required) onValue(undefined);
    // What is no number stays as it was typed, so that the gateway can say what is wrong with it.
    else onValue(isNumber && typed.trim() !== '' && Number.isFinite(Number(typed)) ? Number(typed) : typed);
  };
  const long = typeof schema['maxLength'] !== 'number' ? text.includes('\n') : schema['maxLength'] > 300;
  if (long) return <textarea name={name} rows={3} value={text} onInput={({ currentTarget }) => take(currentTarget.value)} />;
  return (
    <input
      name={name}
      autoComplete="off"
      spellcheck={false}
      inputMode={isNumber ? 'decimal' : undefined}
      value={text}
      onInput={({ currentTarget }) => take(currentTarget.value)}
    />
  );
}

type GroupProps = Pick<FormProps, 'name' | 'required' | 'schema' | 'root' | 'onValue'> & {
  readonly absent: boolean;
  readonly children: JSX.Element;
};

function Group({ name, absent, required, schema, root, onValue, children }: GroupProps): JSX.Element {
  return (
    <fieldset>
      <legend>
        {name} <span class="hint">{wordsOf(schema, root)}</span>
      </legend>
      {absent ? (
        <button type="button" class="act" onClick={() => onValue(blankOf(schema, root))}>
          Add {name}
        </button>
      ) : (
        <>
          {children}
          {required ? null : (
            <button type="button" class="act" onClick={() => onValue(undefined)}>
              Leave {name} out
            </button>
          )}
        </>
      )}
    </fieldset>
  );
}

type InsideProps = Pick<FormProps, 'schema' | 'root' | 'value' | 'onValue'>;

/** The inputs of an object, in the order of its schema. */
export function Properties({ schema, root, value, onValue }: InsideProps): JSX.Element {
  const object = typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  const required = requiredOf(schema);
  return (
    <>
      {propertiesOf(schema).map(([name, property]) => (
        <Field
          key={name}
          name={name}
          schema={property}
          root={root}
          required={required.has(name)}
          value={object[name]}
          onValue={(next) => {
            const { [name]: _before, ...others } = object;
            onValue(next === undefined ? others : { ...object, [name]: next });
          }}
        />
      ))}
    </>
  );
}

function Items({ name, schema, root, value, onValue }: InsideProps & { readonly name: string }): JSX.Element {
  const list = Array.isArray(value) ? value : [];
  const items = (schema['items'] ?? {}) as Schema;
  return (
    <>
      {list.map((item, place) => (
        // A list has no other key than the place.
        <div key={place} class="item">
          <Field
            name={`${name} ${place + 1}`}
            schema={items}
            root={root}
            required
            value={item}
            onValue={(next) => onValue(list.map((each, at) => (at === place ? (next ?? '') : each)))}
          />
          <button type="button" class="act" aria-label={`Remove ${name} ${place + 1}`} onClick={() => onValue(list.filter((_, at) => at !== place))}>
            ×
          </button>
        </div>
      ))}
      <button type="button" class="act" onClick={() => onValue([...list, blankOf(items, root)])}>
        Add to {name}
      </button>
    </>
  );
}
