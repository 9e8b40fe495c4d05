/** `npm run api`: writes docs/api.md and docs/events.md anew, from the declarations that were built. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { benchCommand } from "../benchCommand.js";
import { apiReport, reportPath } from "./apiReport.js";
import { eventsPath, eventsReport } from "./eventsReport.js";

benchCommand(
  "api",
  "writes anew what is public: docs/api.md, names and types; docs/events.md, events and fields",
).parse();
const checkout = fileURLToPath(new URL("../..", import.meta.url));
const { text, names, hidden } = await apiReport(checkout);
writeFileSync(reportPath(checkout), text);
writeFileSync(eventsPath(checkout), await eventsReport(checkout));
console.log(`docs/api.md tells of ${names} names.`);
for (const { door, name } of hidden) {
  console.error(`${door} speaks of ${name}, which no door exports: export it, or do not name it in a public type.`);
  process.exitCode = 1;
}
