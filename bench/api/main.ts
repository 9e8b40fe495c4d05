/** `npm run api`: writes docs/api.md anew, every public name and its type, from the declarations that were built. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { benchCommand } from "../benchCommand.js";
import { apiReport, reportPath } from "./apiReport.js";

benchCommand("api", "writes docs/api.md anew: every public name of each door and its type").parse();
const checkout = fileURLToPath(new URL("../..", import.meta.url));
const { text, names, hidden } = await apiReport(checkout);
writeFileSync(reportPath(checkout), text);
console.log(`docs/api.md tells of ${names} names.`);
for (const { door, name } of hidden) {
  console.error(`${door} speaks of ${name}, which no door exports: export it, or do not name it in a public type.`);
  process.exitCode = 1;
}
