/**
 * `npm run bench:rivals`: what goes wrong with downloads, and what Tributary and others make of it. `--only ROW` (may be
 * repeated) and `--tools A,B` choose; `--large` measures a gibibyte from nginx mirrors without faults instead.
 */
import { parseArgs } from "node:util";
import { runLarge } from "./large.js";
import { runMatrix } from "./matrix.js";

const { values } = parseArgs({
  options: { only: { type: "string", multiple: true }, tools: { type: "string" }, large: { type: "boolean" } },
});

if (values.large) await runLarge();
else await runMatrix(values.only, values.tools?.split(","));
