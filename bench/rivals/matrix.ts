import type { Contestant } from "./contestants.js";
import { contestants, isHere } from "./contestants.js";
import type { Outcome } from "./Outcome.js";
import { countOf, meaningOfBest, type Place, placeOf } from "./Outcome.js";
import type { Row } from "./rows.js";
import { rows, size, speed } from "./rows.js";
import { runRow } from "./runRow.js";

const limitSeconds = 45;

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
    const outcomes: Outcome[] = [];
    for (const tool of tools) {
      const outcome = await runRow(row, tool, limitSeconds);
      outcomes.push(outcome);
      console.log(line(outcome));
    }
    const place = placeOf("tributary", outcomes, row.wanted);
    if (place !== undefined) places.push(place);
    said.push(`${row.title.padEnd(56)}${place?.said ?? "not run"}`);
    console.log(`  ${"".padEnd(12)}tributary ${place?.said ?? "was not run"}`);
  }
  console.log(`\nTributary in each row. ${meaningOfBest}\n\n${said.join("\n")}`);
  if (places.length > 0) console.log(`\nTributary is ${countOf(places)}`);
}

/** What is the same for all, the flags of each, and how to get those that are not here. */
function showConditions(tools: readonly Contestant[], missing: readonly Contestant[]): void {
  console.log(
    `${size / 1024 ** 2} MiB, ${speed / 1e6} MB/s a connection, at most ${limitSeconds} s a run, one run each\n`,
  );
  for (const { name, flags } of tools) console.log(`${name.padEnd(12)}${flags.join(" ")}`);
  const packages = missing.flatMap(({ debian }) => debian ?? []).join(" ");
  if (packages !== "")
    console.log(`\nNot on the PATH, and left out: ${packages}. On Debian: apt-get install ${packages}`);
  const columns = ["seconds".padStart(9), "bytes".padStart(8), "requests".padStart(10)];
  console.log(`\n  ${"tool".padEnd(12)}${"verdict".padEnd(9)}${columns.join("")}`);
}

function line({ tool, verdict, seconds, ratio, requests }: Outcome): string {
  if (verdict === "n/a") return `  ${tool.padEnd(12)}n/a`;
  const columns = [
    `${seconds.toFixed(2)} s`.padStart(9),
    `x${ratio.toFixed(2)}`.padStart(8),
    String(requests).padStart(10),
  ];
  return `  ${tool.padEnd(12)}${verdict.padEnd(9)}${columns.join("")}`;
}
