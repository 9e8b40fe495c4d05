import type { OptionShape } from "../../operators/checkOptions.js";

const isString = (value: unknown): boolean => typeof value === "string";

/** A plain object whose names are hosts, and whose values fit. */
function isByHost(value: unknown, fits: (value: unknown) => boolean): boolean {
  return isPlain(value) && Object.keys(value).every(isHost) && Object.values(value).every(fits);
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** A name of a host, an address of IPv6 in brackets, and a port or none. */
const isHost = (name: string): boolean => /^(?:\[[\da-f:.]+\]|[^\s/:@?#[\]]+)(?::\d+)?$/i.test(name);

const byHost = (of: string, example: string, fits: (value: unknown) => boolean): OptionShape => ({
  must: `${of} by host, without a scheme, such as { "a.example:8080": ${example} }`,
  fits: (value) => isByHost(value, fits),
  isSecret: true,
});

/** Secrets by `host` or `host:port`. */
export const tokensShape = byHost("secrets", '"SECRET"', isString);

/** Headers by `host` or `host:port`, which are secrets as well. */
export const headersShape = byHost(
  "headers",
  '{ "x-key": "KEY" }',
  (value) => isPlain(value) && Object.values(value).every(isString),
);

/** Uses of cookies by host, as `fetch` has them. */
export const credentialsShape: OptionShape = {
  ...byHost("what fetch does with cookies,", '"include"', (value) =>
    ["omit", "same-origin", "include"].some((use) => use === value),
  ),
  isSecret: false,
};

/** A certificate authority, or several. */
export const authorityShape: OptionShape = {
  must: "a certificate as PEM, or several",
  fits: (value) => [value].flat().every(isString),
  isSecret: true,
};
