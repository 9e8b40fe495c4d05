import { createRequire } from "node:module";

const { version } = createRequire(import.meta.url)("rx-tributary/package.json") as { readonly version: string };

/** What we call ourselves to servers. */
export const userAgent = `rx-tributary/${version}`;
