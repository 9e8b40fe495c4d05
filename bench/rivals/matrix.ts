import type { Contestant } from "./contestants.js";
import { contestants, isHere } from "./contestants.js";
import type { Outcome } from "./Outcome.js";
import { cutShort, limitOf, meaningOfLimit } from "./limitOf.js";
import { countOf, meaningOfBest, type Place, placeOf } from "./Outcome.js";
import type { Row } from "./rows.js";
import { rows, size, speed } from "./rows.js";
import { runRow } from "./runRow.js";

/** Runs these rows with these tools, as far as they are installed, and prints what came of each. */
export async function runMatrix(
  played: readonly Row[] = rows,
  asked: readonly Contestant[] = contestants,
): Promise<void> {
  const tools = asked.filter(isHere);
  showConditions(
    tools,
    asked.filter((tool) => !tools.includes(tool)),
  );
  const said: string[] = [];
  const places: Place[] = [];
  for (const row of played) {
    console.log(`\n${row.title} [${row.name}], wanted: ${row.wanted}`);
    const outcomes = await playRow(row, tools);
    const place = placeOf("tributary", outcomes, row.wanted);
    if (place !== undefined) places.push(place);
    said.push(`${row.title.padEnd(56)}${place?.said ?? "not run"}`);
    console.log(`  ${"".padEnd(12)}tributary ${place?.said ?? "was not run"}`);
  }
  console.log(`\nTributary in each row. ${meaningOfBest}\n\n${said.join("\n")}`);
  if (places.length > 0) console.log(`\nTributary is ${countOf(places)}`);
}

/** Has each tool do it, in turn, and those again that were stopped before a slower one turned out to be right. */
async function playRow(row: Row, tools: readonly Contestant[]): Promise<readonly Outcome[]> {
  let outcomes: readonly Outcome[] = [];
  const play = async (tool: Contestant): Promise<void> => {
    const outcome = await runRow(row, tool, limitOf(outcomes, row.wanted));
    outcomes = [...outcomes.filter((other) => other.tool !== tool.name), outcome];
    console.log(line(outcome));
  };
  for (const tool of tools) await play(tool);
  let again = cutShort(outcomes, row.wanted);
  while (again.length > 0) {
    for (const { tool: name } of again) for (const tool of tools) if (tool.name === name) await play(tool);
    again = cutShort(outcomes, row.wanted);
  }
  return outcomes;
}

/** What is the same for all, the flags of each, and how to get those that are not here. */
function showConditions(tools: readonly Contestant[], missing: readonly Contestant[]): void {
  console.log(
    `${size / 1024 ** 2} MiB, ${speed / 1e6} MB/s a connection, one run each; it is stopped after ${meaningOfLimit}\n`,
  );
  for (const { name, flags } of tools) console.log(`${name.padEnd(12)}${flags.join(" ")}`);
  const packages = missing.flatMap(({ debian }) => debian ?? []).join(" ");
  if (packages !== "")
    console.log(`\nNot on the PATH, and left out: ${packages}. On Debian: apt-get install ${packages}`);
  const columns = ["seconds".padStart(10), "bytes".padStart(8), "requests".padStart(10)];
  console.log(`\n  ${"tool".padEnd(12)}${"verdict".padEnd(9)}${columns.join("")}`);
}

function line({ tool, verdict, seconds, ratio, requests, limitSeconds }: Outcome): string {
  if (verdict === "n/a") return `  ${tool.padEnd(12)}n/a`;
  const columns = [
    (verdict === "hang" ? `over ${limitSeconds} s` : `${seconds.toFixed(2)} s`).padStart(10),
    `x${ratio.toFixed(2)}`.padStart(8),
    String(requests).padStart(10),
  ];
  return `  ${tool.padEnd(12)}${verdict.padEnd(9)}${columns.join("")}`;
}
