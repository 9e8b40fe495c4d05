const { firstValueFrom, Observable, of, throwError } = require("rxjs");
const { DownloadError } = require("rx-tributary");
const { downloadToBlob } = require("rx-tributary/browser");
const { downloadFile } = require("rx-tributary/node");
const { askPeers } = require("rx-tributary/operators");
const { simulateSwarm } = require("rx-tributary/testing");

const isDead = (peer) => peer === "dead";
const attempt = (peer) => (isDead(peer) ? throwError(() => new Error("dead")) : of(`answer of ${peer}`));
const answer = askPeers(["dead", "alive"], attempt, { classify: () => "switch" });
// One RxJS for both: an `Observable` of the package is one of the app.
if (!(answer instanceof Observable)) throw new Error("There are two copies of rxjs");
for (const part of [DownloadError, downloadFile, downloadToBlob, simulateSwarm]) {
  if (typeof part !== "function") throw new Error("A door has nothing behind it");
}
firstValueFrom(answer).then((text) => console.log(`required five doors: ${text}`));
