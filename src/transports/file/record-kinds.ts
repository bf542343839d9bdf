import { type RecordValue } from './codecs/record-codec.ts';
import { type FixedWidthLayout, type ValueOf } from './layouts/fixed-width.ts';
import { type RecordLayout } from './layouts/record-layout.ts';

declare const valuesType: unique symbol;

/** The type of the values of a record that has no layout of its own: a row, a message. */
export interface Values<V extends object> {
  readonly [valuesType]?: V;
}

/** @example { row: values<{ orderId: string; amount: string }>() } */
export const values = <V extends object>(): Values<V> => ({});

/** Record types by the name their codec knows them under, each with what gives its values their type. */
export type RecordKinds = Readonly<Record<string, RecordLayout | Values<object>>>;

/** The value of a record of this kind; one from a copybook has no type of its own. */
export type ValueOfKind<K> =
  K extends FixedWidthLayout<infer P>
    ? string extends keyof ValueOf<P>
      ? RecordValue
      : ValueOf<P>
    : K extends RecordLayout
      ? RecordValue
      : K extends Values<infer V>
        ? V
        : never;
