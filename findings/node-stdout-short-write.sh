#!/usr/bin/env bash
# Node 20.20.2, `process.stdout` when it is a file.
#
# Expected: all of what was written is in the file, or else the callback of `write` gets an error (or stdout emits one).
# Instead: Node makes one call of write(2) and takes whatever part of the text that call wrote for the whole: `SyncWriteStream._write` in
#   lib/internal/fs/sync_write_stream.js drops what `writeSync` returns. With a file that may not grow further (here a limit of 8 KiB; a
#   disk with little room left does the same where it takes a part), the output is cut, no error is told, and the exit code is 0.
#   `fs.writeFileSync` of the same text to the same descriptor goes on after a short write, and so meets the error.
#
# Seen:
#   | process.stdout.write: error of the callback none, exit code 0, is cut
#   | fs.writeFileSync: error EFBIG, exit code 1, is cut
set -euo pipefail
seen=$(sed -n 's/^#   | //p' "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > stream.mjs <<'JS'
process.stdout.on("error", (error) => process.stderr.write(`an error event ${error.code}, `));
process.stdout.write("a".repeat(65_536), (error) => process.stderr.write(`error of the callback ${error?.code ?? "none"}, `));
JS
cat > file.mjs <<'JS'
import { writeFileSync } from "node:fs";
try {
  writeFileSync(1, "a".repeat(65_536));
} catch (error) {
  process.stderr.write(`error ${error.code}, `);
  process.exitCode = 1;
}
JS

# Runs a program whose files may have 8 KiB, and says how that ended.
limited() {
  local code=0 cut=whole
  (trap '' XFSZ && ulimit -f 8 && node "$1" > out.txt) 2> said.txt || code=$?
  (($(wc -c < out.txt) < 65536)) && cut=cut
  echo "$2: $(cat said.txt)exit code $code, is $cut"
}

now=$(limited stream.mjs process.stdout.write && limited file.mjs fs.writeFileSync)
diff -u --label stated --label now <(echo "$seen") <(echo "$now")
echo "holds: process.stdout to a file takes a short write for the whole"
