import { addCounts } from "./counts.js";

/** How a figure begins, and how two of it make one: a monoid. Accounts and totals are tables of them. */
export interface Figure<T> {
  readonly zero: T;
  plus(a: T, b: T): T;
}

export const total: Figure<number> = { zero: 0, plus: (a, b) => a + b };
export const largest: Figure<number> = { zero: 0, plus: (a, b) => Math.max(a, b) };
/** Several totals, by name. */
export const totals: Figure<Readonly<Record<string, number>>> = { zero: {}, plus: (a, b) => addCounts(a, b) };

/** Several totals, by names that are known. */
export function totalsBy<Name extends string>(): Figure<Readonly<Partial<Record<Name, number>>>> {
  return totals as Figure<unknown> as Figure<Readonly<Partial<Record<Name, number>>>>;
}

export function latest<T>(zero: T): Figure<T> {
  return { zero, plus: (_, b) => b };
}

type Table = Readonly<Record<string, Figure<unknown>>>;

/** The table of the figures of one thing: for each, how it adds up. */
export type FigureTable<Row> = { readonly [Name in keyof Row]-?: Figure<Row[Name]> };

/** Figures of one thing, by a table. */
type Figures<T extends Table> = { readonly [Name in keyof T]: T[Name]["zero"] };

/** The figures of nothing. */
export function zeros<T extends Table>(table: T): Figures<T> {
  return mapped(table, (_, { zero }) => zero) as Figures<T>;
}

/** Sum of two rows of figures; a figure that `b` leaves out is as it is in `a`. */
export function sum<T extends Table>(table: T, a: Figures<T>, b: Partial<Figures<T>>): Figures<T> {
  return { ...a, ...(mapped(b, (name, value) => table[name]?.plus(a[name], value)) as Partial<Figures<T>>) };
}

function mapped<Value>(from: Readonly<Record<string, Value>>, change: (name: string, value: Value) => unknown): object {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(name, value)]));
}
