import { formatBytes, plural } from "../../command.js";
import type { ServeEvent } from "../../node.js";

/** Lines for people of the events of a seeder. Remembers which root is which file, so each seeder has one of its own. */
export function describeServing(): (event: ServeEvent) => string {
  const paths = new Map<string, string>();
  return (event) => {
    switch (event.type) {
      case "listening":
        return `listening on ${event.url}`;
      case "file-served":
        paths.set(event.manifest.root, event.path);
        return `${event.link}  ${event.path} (${formatBytes(event.manifest.size)})`;
      case "file-skipped":
        return `${event.path} is left out: ${event.message}`;
      case "announced": {
        const path = paths.get(event.root) ?? event.root;
        if (event.by === "lan") return `${path} is announced on the local network`;
        if (event.nodes === 0) return `no node of the DHT took ${path}; it is tried again soon`;
        return `${path} is listed by ${plural(event.nodes ?? 0, "node")} of the DHT`;
      }
      case "connection-opened":
        return `${event.peer} connected`;
      case "connection-closed":
        return `${event.peer} disconnected${event.reason === undefined ? "" : `: ${event.reason}`}`;
      case "chunk-served": {
        const part = event.whole ? "" : ", cut short";
        const path = paths.get(event.root) ?? event.root;
        return `${event.peer} got chunk ${event.index} of ${path} (${formatBytes(event.bytes)}${part})`;
      }
      case "request-refused":
        return `${event.peer} was refused: ${event.message} (${event.code})`;
      case "handshake-refused":
        return `${event.peer} was refused: ${event.message} (HTTP ${event.status})`;
    }
  };
}
