import { resolve } from "node:path";

/**
 * How many bytes a page loads, gzip, without rxjs: `npm run size`. A row that has grown past its limit fails; where a row became smaller, its
 * limit comes down with it.
 */

/**
 * Parts as a page loads them, one by one, without those that are loaded when they are first needed.
 *
 * @type {(later: RegExp) => (config: import("esbuild").BuildOptions) => import("esbuild").BuildOptions}
 */
const without = (later) => (config) => ({
  ...config,
  format: "esm",
  splitting: true,
  plugins: [
    {
      name: "later",
      setup(bundle) {
        bundle.onResolve({ filter: later }, ({ kind, path }) =>
          kind === "dynamic-import" ? { path, external: true } : undefined,
        );
      },
    },
  ],
});

/**
 * The part that a page loads at first, where esbuild splits: the entry and what it imports by name. There a file that any door names is in it, used or not
 * (evanw/esbuild#3704).
 *
 * @type {(config: import("esbuild").BuildOptions) => import("esbuild").BuildOptions}
 */
const atFirst = (config) => ({
  ...config,
  format: "esm",
  splitting: true,
  plugins: [
    {
      name: "at first",
      setup(bundle) {
        const entry = resolve(config.entryPoints?.[0] ?? "<stdin>");
        bundle.onEnd(({ metafile: { outputs } = { outputs: {} } }) => {
          const first = new Set(
            Object.keys(outputs).filter((path) => resolve(outputs[path].entryPoint ?? "") === entry),
          );
          for (const path of first)
            for (const { kind, path: other } of outputs[path].imports)
              if (kind === "import-statement" && other in outputs) first.add(other);
          for (const path of Object.keys(outputs)) if (!first.has(path)) delete outputs[path];
        });
      },
    },
  ],
});

const alone = { ignore: ["rxjs"], gzip: true };
const page = { ...alone, path: "src/browser.ts", import: "{ downloadToBlob }" };

export default [
  {
    ...alone,
    name: "retryWithPeerSwitch",
    path: "src/operators.ts",
    import: "{ retryWithPeerSwitch }",
    limit: "5.4 kB",
  },
  {
    ...page,
    name: "downloadToBlob, before the first download",
    modifyEsbuildConfig: atFirst,
    limit: "15.1 kB",
  },
  {
    ...page,
    name: "with what draws it (reduce, initialState, describeEvent), before the first download",
    import: "{ downloadToBlob, reduce, initialState, describeEvent }",
    modifyEsbuildConfig: atFirst,
    limit: "19.5 kB",
  },
  {
    ...page,
    name: "downloadToBlob, with all for HTTP mirrors",
    modifyEsbuildConfig: without(/webSocketPeers|readMetalink|hashes|parseCheckpoint/),
    limit: "90.6 kB",
  },
  {
    ...page,
    name: "downloadToBlob, with all for WebSocket peers, too",
    modifyEsbuildConfig: without(/readMetalink|hashes|parseCheckpoint/),
    limit: "111.6 kB",
  },
];
