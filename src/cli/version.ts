import { createRequire } from "node:module";

/** Version of the package. A file of its own, which the bundle replaces with text: looking a package up takes longer than all else that `--version` does. */
export const { version } = createRequire(import.meta.url)("rx-tributary/package.json") as { readonly version: string };
