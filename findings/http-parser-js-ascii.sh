#!/usr/bin/env bash
# http-parser-js 0.5.10, which presents itself as a replacement of Node's own parser, beside `node:http` of Node 20.20.2.
#
# Expected: a header's value is the same string from both. Bytes from 0x80 on are allowed in it (`obs-text`, RFC 9110, 5.5), in an ETag too.
# Instead: `node:http` reads values as latin1, http-parser-js as `HTTPParser.encoding`, which is "ascii" and drops the highest bit of
#   each byte: 0xE9 becomes 0x69, an `i`. Two values that differ may become equal, and an ETag that is sent back as it was read is none
#   that the server knows: If-Match and If-Range fail for a file that did not change. `HTTPParser.encoding = "latin1"`, which is for the
#   whole process, mends it.
#
# Seen (each character that is not ASCII as a percent-encoded byte):
#   | node:http: "caf%E9"
#   | http-parser-js: "cafi"
#   | http-parser-js with encoding latin1: "caf%E9"
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --loglevel=error --no-audit --no-fund --ignore-scripts http-parser-js@0.5.10 > install.txt

cat > finding.mjs <<'JS'
import { once } from "node:events";
import { get } from "node:http";
import { createServer } from "node:net";
import { HTTPParser } from "http-parser-js";

const head = Buffer.from('HTTP/1.1 200 OK\r\nETag: "caf\xe9"\r\nContent-Length: 0\r\n\r\n', "latin1");
const shown = (text) => text.replace(/[^ -~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const server = createServer((socket) => socket.once("data", () => socket.end(head))).listen(0, "127.0.0.1");
await once(server, "listening");
const [response] = await once(get({ port: server.address().port, host: "127.0.0.1", agent: false }), "response");
response.resume();
console.log(`node:http: ${shown(response.headers.etag)}`);
server.close();

function parsed() {
  let etag;
  const parser = new HTTPParser(HTTPParser.RESPONSE);
  parser[HTTPParser.kOnHeadersComplete] = ({ headers }) => {
    etag = headers[1];
  };
  parser.execute(head);
  return shown(etag);
}
console.log(`http-parser-js: ${parsed()}`);
HTTPParser.encoding = "latin1";
console.log(`http-parser-js with encoding latin1: ${parsed()}`);
JS

diff -u --label stated --label now <(echo "$seen") <(node finding.mjs)
echo "holds: http-parser-js reads header values as ascii, node:http as latin1"
