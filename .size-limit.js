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
        const [entry] = Array.isArray(config.entryPoints) ? config.entryPoints : [];
        const door = resolve(typeof entry === "string" ? entry : "<stdin>");
        bundle.onEnd(({ metafile }) => {
          if (metafile === undefined) return;
          const outputs = Object.entries(metafile.outputs);
          const first = new Set(
            outputs.filter(([, { entryPoint = "" }]) => resolve(entryPoint) === door).map(([path]) => path),
          );
          for (const path of first)
            for (const { kind, path: other } of metafile.outputs[path]?.imports ?? [])
              if (kind === "import-statement" && other in metafile.outputs) first.add(other);
          metafile.outputs = Object.fromEntries(outputs.filter(([path]) => first.has(path)));
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
    limit: "16.4 kB",
  },
  {
    ...page,
    name: "with what draws it (reduce, initialState, describeEvent), before the first download",
    import: "{ downloadToBlob, reduce, initialState, describeEvent }",
    modifyEsbuildConfig: atFirst,
    limit: "22 kB",
  },
  {
    ...page,
    name: "downloadToBlob, with all for HTTP mirrors",
    modifyEsbuildConfig: without(
      /socketCode|rtcPeers|pageEngine|pageServing|readMetalink|hashes|parseCheckpoint|parseManifest/,
    ),
    limit: "97.7 kB",
  },
  {
    ...page,
    name: "downloadToBlob, with all for WebSocket peers, too",
    modifyEsbuildConfig: without(/rtcPeers|pageEngine|pageServing|readMetalink|hashes|parseCheckpoint|parseManifest/),
    limit: "120.8 kB",
  },
];
