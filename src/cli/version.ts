import { createRequire } from "node:module";

/** That of the package. The bundle has it as text: looking a package up takes longer than all else that `--version` does. */
export const { version } = createRequire(import.meta.url)("rx-tributary/package.json") as { readonly version: string };
