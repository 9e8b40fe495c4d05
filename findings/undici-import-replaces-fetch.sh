#!/usr/bin/env bash
# undici 7.30.2 (npm) beside the undici 6.24.1 that is built into Node 20.20.2.
#
# Expected: importing undici leaves Node's own `fetch` alone; its documents give `install()` and `setGlobalDispatcher()` to those who want a change.
# Instead: the import stores an agent of undici 7 at `Symbol.for("undici.globalDispatcher.1")` when nothing is there yet (lib/global.js),
#   where Node's own `fetch` looks. So whether a program's `fetch` runs on the connections of undici 6 or of undici 7 depends on whether any
#   library of the program imported undici before the first `fetch`.
#   A library that uses undici for itself alone cannot avoid that.
#   Near to it: https://github.com/nodejs/undici/issues/5500 (undici 8).
#
# Seen:
#   | imported before the first fetch: 1 of 1 requests of Node's fetch went through the agent of the package
#   | imported after the first fetch: 0 of 1 requests of Node's fetch went through the agent of the package
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --loglevel=error --no-audit --no-fund --ignore-scripts undici@7.30.2 > install.txt

cat > finding.mjs <<'JS'
import { once } from "node:events";
import { createServer } from "node:http";

const when = process.argv[2];
const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/`;

if (when === "after") await (await fetch(url)).text();
const { Agent } = await import("undici");

// Counts only; no request is changed.
let counted = 0;
const { dispatch } = Agent.prototype;
Agent.prototype.dispatch = function (...all) {
  counted += 1;
  return dispatch.apply(this, all);
};
await (await fetch(url)).text();
console.log(`imported ${when} the first fetch: ${counted} of 1 requests of Node's fetch went through the agent of the package`);
server.close();
server.closeAllConnections();
JS

diff -u --label stated --label now <(echo "$seen") <(node finding.mjs before && node finding.mjs after)
echo "holds: importing undici before the first fetch gives Node's fetch another agent"
