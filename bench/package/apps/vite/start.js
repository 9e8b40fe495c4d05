import { gzipSync } from "node:zlib";
import { build } from "vite";

/** Modules of Node have no place in a page; Vite would put an empty one there, and go on. */
const onlyForNode = {
  name: "only-for-node",
  enforce: "pre",
  resolveId(source, importer) {
    if (source.startsWith("node:")) throw new Error(`${importer} imports ${source}`);
  },
};
const { output } = await build({ logLevel: "warn", plugins: [onlyForNode] });
const scripts = output.filter(({ type }) => type === "chunk").map(({ code }) => gzipSync(code).length);
console.log(
  `built a page: ${Math.round(scripts.reduce((sum, size) => sum + size, 0) / 1000)} kB of gzip, rxjs and all`,
);
