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
    modifyEsbuildConfig: without(/./),
    limit: "14 kB",
  },
  {
    ...page,
    name: "downloadToBlob, with all for HTTP mirrors",
    modifyEsbuildConfig: without(/webSocketPeers/),
    limit: "86 kB",
  },
  {
    ...page,
    name: "downloadToBlob, with all for WebSocket peers, too",
    modifyEsbuildConfig: without(/^$/),
    limit: "107 kB",
  },
];
