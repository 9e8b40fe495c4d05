/** One end of a download over a data channel: serves a file that is whole, or gets it. */
import { downloadFile, serveWhile, SharedFiles } from "rx-tributary/node";
import { tellCpu } from "./tellCpu.js";

const [role, link = "", out = ""] = process.argv.slice(2);

tellCpu();
if (role === "receiver") {
  downloadFile(link, { out, rtc: true, catalogue: false }).subscribe((event) => {
    if (event.type !== "download-completed") return;
    const { bytesByPeer, received } = event.account;
    const [, byChannel = 0] = Object.entries(bytesByPeer).find(([peer]) => peer.startsWith("rtc:")) ?? [];
    process.send?.({ type: "done", byChannel: byChannel / received });
  });
} else {
  const shared = new SharedFiles();
  serveWhile(downloadFile(link, { out, shared, rtc: true, catalogue: false }), shared).subscribe((event) => {
    if (event.type === "download-completed") process.send?.({ type: "ready" });
    if (event.type === "connection-opened" && event.peer.startsWith("rtc:")) process.send?.({ type: "open" });
  });
}
