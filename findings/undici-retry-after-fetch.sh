#!/usr/bin/env bash
# undici 7.30.2 (npm) beside the undici 6.24.1 that is built into Node 20.20.2.
#
# Expected: `getGlobalDispatcher()` of undici is a dispatcher that undici's own `RetryAgent` and interceptors can be put around.
# Instead: when the program called Node's own `fetch` before it imported undici, `getGlobalDispatcher()` gives the agent of Node's undici 6,
#   which refuses the handlers of undici 7, and each request through such a `RetryAgent` or interceptor fails. The same lines work when the
#   import comes first: whether they do is up to an unrelated `fetch` elsewhere. An `Agent` of one's own has to be given instead.
#   Near to it: https://github.com/nodejs/undici/issues/3973.
#
# Seen:
#   | import first: RetryAgent hello
#   | import first: redirect hello
#   | fetch first: RetryAgent UND_ERR_INVALID_ARG invalid onError method
#   | fetch first: redirect UND_ERR_INVALID_ARG invalid onError method
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

const first = process.argv[2];
const server = createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/`;

if (first === "fetch") await (await fetch(url)).text();
const { getGlobalDispatcher, interceptors, request, RetryAgent } = await import("undici");

const ways = {
  RetryAgent: new RetryAgent(getGlobalDispatcher()),
  redirect: getGlobalDispatcher().compose(interceptors.redirect({ maxRedirections: 1 })),
};
for (const [name, dispatcher] of Object.entries(ways)) {
  const text = request(url, { dispatcher }).then(({ body }) => body.text());
  console.log(`${first} first: ${name} ${await text.catch(({ code, message }) => `${code} ${message}`)}`);
}
server.close();
server.closeAllConnections();
JS

diff -u --label stated --label now <(echo "$seen") <(node finding.mjs import && node finding.mjs fetch)
echo "holds: undici's RetryAgent around the global dispatcher fails after a fetch of Node"
