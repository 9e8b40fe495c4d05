#!/usr/bin/env bash
# Node 20.20.2 and 26.10.0 (npm: node), on Linux.
#
# Expected: a process that was stopped, and was sent a signal meanwhile, hears of the signal first when it goes on: that came before its timers were due.
# Instead: timers that are due run first, in every run. Where the signal is SIGWINCH they find `process.stdout.columns` of the terminal as it was before the
#   stop: what they draw is for a size that is no more. An immediate that such a timer sets runs before the signal's listener in some runs, and after it in
#   others.
#
# Seen:
#   | v20.20.2: of 5 runs the timer was first in 5, the signal in 0
#   | v26.10.0: of 5 runs the timer was first in 5, the signal in 0
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --loglevel=error --no-audit --no-fund old@npm:node@20.20.2 new@npm:node@26.10.0 > install.txt

cat > finding.mjs <<'JS'
import { fork } from "node:child_process";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const [everyMs, stoppedMs, runs] = [100, 500, 5];

function child() {
  let last = performance.now();
  let first;
  // The first thing that is heard after the stop, which was longer than there is between two timers.
  const heard = (what) => {
    if (performance.now() - last > stoppedMs - everyMs) first ??= what;
    last = performance.now();
  };
  process.on("SIGUSR2", () => heard("signal"));
  setInterval(() => heard("timer"), everyMs);
  process.on("message", () => process.send(first, () => process.exit()));
  process.send("runs");
}

async function run() {
  const forked = fork(fileURLToPath(import.meta.url), ["child"]);
  const answer = () => new Promise((resolve) => forked.once("message", resolve));
  await answer();
  await after(everyMs);
  forked.kill("SIGSTOP");
  forked.kill("SIGUSR2");
  await after(stoppedMs);
  forked.kill("SIGCONT");
  await after(stoppedMs);
  const told = answer();
  forked.send("tell");
  return told;
}

if (process.argv[2] === "child") child();
else {
  const firsts = [];
  for (let n = 0; n < runs; n++) firsts.push(await run());
  const count = (what) => firsts.filter((first) => first === what).length;
  console.log(`${process.version}: of ${runs} runs the timer was first in ${count("timer")}, the signal in ${count("signal")}`);
}
JS

now=$(node_modules/old/bin/node finding.mjs && node_modules/new/bin/node finding.mjs)
diff -u --label stated --label now <(echo "$seen") <(echo "$now")
echo "holds: Node runs timers that are due before it tells of signals that came before"
