/** Puts the command line into one file: a fraction of the time to start it, which is read from hundreds of modules otherwise. */
import { chmodSync } from "node:fs";
import { createRequire } from "node:module";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const outfile = "dist/tributary.js";
const commonJs = `
import { createRequire as requireFrom } from "node:module";
import { fileURLToPath as pathOf } from "node:url";
const require = requireFrom(import.meta.url);
const __filename = pathOf(import.meta.url);
const __dirname = pathOf(new URL(".", import.meta.url));
`;

/**
 * What takes long to start, in the form that does not: undici without its `fetch`, which Node has, and RxJS without what is not used.
 *
 * @type {import("esbuild").Plugin}
 */
const lean = {
  name: "lean",
  setup(bundle) {
    const parts = {
      EnvHttpProxyAgent: "lib/dispatcher/env-http-proxy-agent.js",
      buildConnector: "lib/core/connect.js",
      errors: "lib/core/errors.js",
    };
    const undici = Object.entries(parts).map(([name, path]) => `export { default as ${name} } from "undici/${path}";`);
    bundle.onResolve({ filter: /^undici$/ }, () => ({ path: "undici", namespace: "lean" }));
    bundle.onLoad({ filter: /^undici$/, namespace: "lean" }, () => ({
      contents: undici.join("\n"),
      resolveDir: import.meta.dirname,
    }));
    const rxjs = require.resolve("rxjs").replace(/cjs(?=.index\.js$)/, "esm");
    bundle.onResolve({ filter: /^rxjs$/ }, () => ({ path: rxjs }));
  },
};

await build({
  entryPoints: ["dist/src/cli/main.js"],
  outfile,
  bundle: true,
  platform: "node",
  target: "node20.19",
  format: "esm",
  plugins: [lean],
  // Some of what is bundled is CommonJS, and counts on what only such modules have.
  banner: { js: commonJs },
  logLevel: "warning",
});
chmodSync(outfile, 0o755);
