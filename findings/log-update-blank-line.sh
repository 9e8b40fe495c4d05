#!/usr/bin/env bash
# log-update 7.2.0 (npm), on Node 20.20.2.
#
# Expected: a frame "title", a blank line, "news" after a frame "title" is drawn as these three lines.
# Instead: the empty string behind the last newline of the first frame is taken for the blank line of the second, so that nothing is written for that, and
#   the way down to it is forgotten: "news" stands right below "title", and the next frames begin a row too high. They wipe off the line above the first one,
#   which was somebody else's.
#
# Seen:
#   | first frame: "title\n"
#   | second frame: up 0, "news\n"
#   | third frame: up 3
#   | the cursor is 2 rows below the first one of the frame, and goes up 3
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --loglevel=error --no-audit --no-fund --ignore-scripts log-update@7.2.0 > install.txt

cat > finding.mjs <<'JS'
import { createLogUpdate } from "log-update";

const written = [];
const stream = { columns: 80, rows: 24, isTTY: false, write: (text) => written.push(text) };
const draw = createLogUpdate(stream, { showCursor: true });
draw("title");
draw("title\n\nnews");
draw("other");

const rowsUp = (text) => Array.from(text.matchAll(/\u001B\[(\d*)A/g)).reduce((sum, [, rows]) => sum + Number(rows || 1), 0);
const plain = (text) => JSON.stringify(text.replaceAll(/\u001B\[[\d;]*[A-Za-z]/g, ""));
const [first, second, third] = written;
console.log(`first frame: ${plain(first)}`);
console.log(`second frame: up ${rowsUp(second)}, ${plain(second)}`);
console.log(`third frame: up ${rowsUp(third)}`);
const below = (first + second).split("\n").length - 1 - rowsUp(second);
console.log(`the cursor is ${below} rows below the first one of the frame, and goes up ${rowsUp(third)}`);
JS

diff -u --label stated --label now <(echo "$seen") <(node finding.mjs)
echo "holds: log-update draws a frame that goes on with a blank line a row too high"
