import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const scripts = readdirSync("dist").filter((name) => name.endsWith(".js"));
const sizes = scripts.map((name) => gzipSync(readFileSync(`dist/${name}`)).length);
const kilobytes = Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1000);
console.log(`built a page with ng build: ${kilobytes} kB of gzip, Angular and rxjs and all`);
