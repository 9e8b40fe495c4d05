import { isObservable } from "rxjs";
import { type DownloadConfig, resolveConfig, type ResolvedDownloadConfig } from "../../download/DownloadConfig.js";
import type { DownloadFileOptions } from "./DownloadFileOptions.js";

type OwnOption = Exclude<keyof DownloadFileOptions, keyof DownloadConfig>;

/** The shape of an option: how a wrong one is told what it must be. */
interface Shape {
  readonly must: string;
  readonly fits: (value: unknown) => boolean;
  /** True when a value may be shown. @default true */
  readonly isSecret?: boolean;
}

const isText = (value: unknown): boolean => typeof value === "string" && value !== "";
const isTable = (value: unknown, fits: (value: unknown) => boolean): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(fits);
const isString = (value: unknown): boolean => typeof value === "string";
const isSwitch = (value: unknown): boolean => typeof value === "boolean";
const isPositive = (value: unknown): boolean => typeof value === "number" && value > 0 && Number.isFinite(value);

const shapes: Readonly<Record<OwnOption, Shape>> = {
  out: { must: "the name of a file", fits: isText },
  dir: { must: "the path of a folder", fits: isString },
  overwrite: { must: "true or false", fits: isSwitch },
  discovery: { must: "true or false", fits: isSwitch },
  select: { must: "a name, or a place from 1", fits: (value) => isString(value) || typeof value === "number" },
  maxMetalinkBytes: { must: "a number of bytes, at least 1", fits: (value) => typeof value === "number" && value >= 1 },
  checksum: { must: "text such as sha-256= and hex digits", fits: isString },
  limitRate: { must: "a number of bytes a second above 0", fits: isPositive },
  discardWhen: { must: "an observable", fits: isObservable },
  peers: { must: "an observable of lists of places", fits: isObservable },
  catalogue: {
    must: "true, false or the path of a file",
    fits: (value) => isSwitch(value) || isText(value),
  },
  tokens: { must: "secrets by host", fits: (value) => isTable(value, isString), isSecret: true },
  headers: {
    must: "headers by host",
    fits: (value) => isTable(value, (each) => isTable(each, isString)),
    isSecret: true,
  },
  ca: {
    must: "a certificate as PEM, or several",
    fits: (value) => [value].flat().every(isString),
    isSecret: true,
  },
};

/**
 * The options that are those of any download, resolved; those of a file alone are held to their shapes.
 *
 * @throws TypeError or RangeError, which names the option, the value and what would be right; of secrets no value.
 */
export function configOf(options: DownloadFileOptions): ResolvedDownloadConfig {
  const given = Object.entries<unknown>({ ...options });
  for (const [name, value] of given) if (isOwn(name) && value !== undefined) check(name, value);
  return resolveConfig(Object.fromEntries(given.filter(([name]) => !isOwn(name))));
}

const isOwn = (name: string): name is OwnOption => Object.hasOwn(shapes, name);

function check(name: OwnOption, value: unknown): void {
  const { must, fits, isSecret = false } = shapes[name];
  if (fits(value)) return;
  if (isSecret) throw new TypeError(`${name} must be ${must}`);
  const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
  const text = `${name} is ${shown}; it must be ${must}`;
  throw typeof value === "number" ? new RangeError(text) : new TypeError(text);
}
