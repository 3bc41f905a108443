/** What a field of JSON can hold, apart from lists and objects. */
type Scalar = string | number | boolean | null;

type TextRule<S extends string> = [S] extends [never]
    ? never
    :
          | { readonly prefix: string }
          | { readonly suffix: string }
          | { readonly "equals-ignore-case": string }
          | { readonly "anything-but": S | readonly S[] };

type Below = "<" | "<=";
type Above = ">" | ">=";

type NumberRule<N extends number> = [N] extends [never]
    ? never
    :
          | {
                readonly numeric: readonly ["=" | Below | Above, number] | readonly [Above, number, Below, number];
            }
          | { readonly "anything-but": N | readonly N[] };

/** One thing that a field may be: a value, or a comparison in AWS's words. */
type Rule<S extends Scalar> =
    | S
    | { readonly exists: boolean }
    | TextRule<Extract<S, string>>
    | NumberRule<Extract<S, number>>;

/** What a value consists of: of a list, its items. */
type Items<V> = V extends readonly (infer E)[] ? Items<E> : V;

type ScalarField<S extends Scalar> = [S] extends [never] ? never : readonly [Rule<S>, ...Rule<S>[]];
type ObjectField<O extends object> = [O] extends [never] ? never : RecordFilter<O>;
type Field<V> = unknown extends V
    ? ScalarField<Scalar> | RecordFilter<unknown>
    : ScalarField<Extract<Items<V>, Scalar>> | ObjectField<Extract<Items<V>, object>>;

/** All fields of a type; of a union, those of each of its members. */
type FieldName<T> = T extends unknown ? keyof T & string : never;
type FieldValue<T, K> = T extends unknown ? (K extends keyof T ? T[K] : undefined) : never;

type Alternatives<T> = readonly [RecordFilter<T>, RecordFilter<T>, ...RecordFilter<T>[]];

/**
 * Which records of a type are meant, in AWS's filter syntax: a field with the list of what it may be; several fields must
 * all fit; `$or` has alternatives, two or more. Of a list in a record, one item has to fit.
 *
 * ```ts
 * { category: ["sales", "support"], confidence: [{ numeric: [">=", 0.8] }], sender: { domain: [{ suffix: ".example" }] } }
 * ```
 *
 * The comparisons: a value itself, `exists`, `prefix`, `suffix`, `equals-ignore-case`, `anything-but`, `numeric`.
 */
export type RecordFilter<T> = unknown extends T
    ? { readonly [field: string]: Field<unknown> | Alternatives<unknown> | undefined }
    : string extends FieldName<T>
      ? { readonly [field: string]: Field<FieldValue<T, string>> | Alternatives<T> | undefined }
      : { readonly [K in FieldName<T>]?: Field<FieldValue<T, K>> } & { readonly $or?: Alternatives<T> };
