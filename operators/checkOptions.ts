import { nearestName } from "./nearestName.js";

/** The shape of an option: which values fit, and how a wrong one is told what it must be. */
export interface OptionShape {
  /** The right values, in words: "it must be ...". */
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
  /** True when a value may not be shown. @default false */
  readonly isSecret?: boolean;
}

/** A shape for each option that a door takes; the compiler asks for what is missing. */
export type OptionShapes<Options> = Readonly<Record<keyof Options & string, OptionShape>>;

/** Options with their defaults: none is missing, none is `undefined`. */
export type Complete<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/**
 * Holds the options of a door to their names and shapes. `undefined` means that an option is not given.
 *
 * @throws TypeError for options that are no object, for a name that the door does not know, with the nearest one, and for a value of
 * another shape; RangeError for a number that does not fit. Secrets are not shown.
 */
export function checkOptions(door: string, given: unknown, shapes: Readonly<Record<string, OptionShape>>): void {
  checkObject(door, given);
  for (const [name, value] of Object.entries<unknown>({ ...given })) {
    const shape = Object.hasOwn(shapes, name) ? shapes[name] : undefined;
    if (shape === undefined) throw unknownOption(name, Object.keys(shapes), door);
    if (value !== undefined) checkShape(name, value, shape);
  }
}

/** @throws TypeError for options that are none. */
function checkObject(door: string, given: unknown): asserts given is object {
  if (typeof given === "object" && given !== null && !(Symbol.iterator in given)) return;
  throw new TypeError(`the options of ${door} are ${shownValue(given)}; they must be an object`);
}

/** The error of a name that a door does not know. */
export function unknownOption(name: string, known: readonly string[], door?: string): TypeError {
  const nearest = nearestName(name, known);
  const hint = nearest === undefined ? "" : `, did you mean "${nearest}"?`;
  const of = door === undefined ? "" : ` of ${door}`;
  return new TypeError(`unknown option "${name}"${of}${hint || ";"} known are ${known.join(", ")}`);
}

/** @throws TypeError, or RangeError for a number, which names the option, the value and what would be right; of secrets no value. */
export function checkShape(name: string, value: unknown, { must, fits, isSecret = false }: OptionShape): void {
  if (fits(value)) return;
  if (isSecret) throw new TypeError(`${name} must be ${must}`);
  const text = `${name} is ${shownValue(value)}; it must be ${must}`;
  throw typeof value === "number" ? new RangeError(text) : new TypeError(text);
}

/** A value of any type on one line. */
export function shownValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  const prototype = Object.getPrototypeOf(value) as { readonly constructor?: { readonly name?: string } } | null;
  const kind = prototype?.constructor?.name ?? "Object";
  const text = kind === "Object" || kind === "Array" ? jsonOf(value) : undefined;
  return text !== undefined && text.length <= 80 ? text : `an object of ${kind}`;
}

function jsonOf(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined; // it holds itself, or a bigint
  }
}
