#!/usr/bin/env bash
# undici 7.30.2, `RetryAgent`, which goes on with a Range request when a body breaks off.
#
# Expected: the rest is joined to the start only when both have the same strong validator (RFC 9110, 15.3.7.3). Otherwise the request fails,
#   or starts again.
# Instead: only a strong ETag is kept and compared (lib/handler/retry-handler.js). With a weak one, or with Last-Modified alone, the request
#   for the rest carries no condition, its answer is not compared although it tells of another version, and the body is the start of one
#   version and the end of the next, with status 200 and no error.
#
# The server: the first answer has ten bytes `a` and breaks off after four; the file then changes to ten bytes `b`, with validators that say so.
#
# Seen:
#   | strong ETag: Request failed
#   | weak ETag: 200 aaaabbbbbb
#   | Last-Modified: 200 aaaabbbbbb
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
import { Agent, request, RetryAgent } from "undici";

const validators = {
  "strong ETag": (version) => ({ etag: `"v${version}"` }),
  "weak ETag": (version) => ({ etag: `W/"v${version}"` }),
  "Last-Modified": (version) => ({ "last-modified": new Date(Date.UTC(2024, 0, version)).toUTCString() }),
};
for (const [name, validator] of Object.entries(validators)) {
  const server = createServer(({ headers }, response) => {
    if (headers.range === undefined) {
      response.writeHead(200, { ...validator(1), "content-length": 10, "accept-ranges": "bytes" });
      response.write("aaaa", () => response.destroy());
    } else if (headers["if-match"] !== undefined) {
      response.writeHead(412, validator(2)).end();
    } else {
      response.writeHead(206, { ...validator(2), "content-length": 6, "content-range": "bytes 4-9/10" });
      response.end("bbbbbb");
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const dispatcher = new RetryAgent(new Agent(), { minTimeout: 10 });
  const answer = request(`http://127.0.0.1:${server.address().port}/`, { dispatcher });
  const told = answer.then(async ({ statusCode, body }) => `${statusCode} ${await body.text()}`);
  console.log(`${name}: ${await told.catch(({ message }) => message)}`);
  server.close();
  server.closeAllConnections();
}
JS

diff -u --label stated --label now <(echo "$seen") <(node finding.mjs)
echo "holds: undici's RetryAgent joins two versions of a file whose ETag is weak"
