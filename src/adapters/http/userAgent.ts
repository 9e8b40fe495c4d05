import { createRequire } from "node:module";

const { version } = createRequire(import.meta.url)("rx-tributary/package.json") as { readonly version: string };

/** The User-Agent of requests from Node. */
export const userAgent = `rx-tributary/${version}`;
