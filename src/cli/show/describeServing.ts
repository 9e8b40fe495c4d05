import { formatBytes, plural } from "../../command.js";
import type { AnnouncedEvent, ServeEvent } from "../../node.js";

/**
 * Lines for people of the events of a seeder; nothing for an announcement that is told already. Remembers which root is which file, and what was told, so each
 * seeder has one of its own. `pathOf` knows files that no event names.
 */
export function describeServing(
  pathOf: (root: string) => string | undefined = () => undefined,
): (event: ServeEvent) => string | undefined {
  const paths = new Map<string, string>();
  const announced = new Announced();
  const nameOf = (root: string): string => paths.get(root) ?? pathOf(root) ?? root;
  return (event) => {
    switch (event.type) {
      case "listening":
        return `listening on ${event.urls.join(", ")}`;
      case "file-served":
        paths.set(event.manifest.root, event.path);
        return `${event.link}  ${event.path} (${formatBytes(event.manifest.size)})`;
      case "file-skipped":
        return `${event.path} is left out: ${event.message}`;
      case "announced":
        return announced.isNew(event) ? announcement(event, nameOf(event.root)) : undefined;
      case "connection-opened":
        return `${event.peer} connected`;
      case "connection-closed":
        return `${event.peer} disconnected${event.reason === undefined ? "" : `: ${event.reason}`}`;
      case "chunk-served": {
        const part = event.whole ? "" : ", cut short";
        return `${event.peer} got chunk ${event.index} of ${nameOf(event.root)} (${formatBytes(event.bytes)}${part})`;
      }
      case "request-refused":
        return `${event.peer} was refused: ${event.message} (${event.code})`;
      case "handshake-refused":
        return `${event.peer} was refused: ${event.message} (HTTP ${event.status})`;
    }
  };
}

function announcement({ by, nodes = 0, message }: AnnouncedEvent, path: string): string {
  if (by === "lan") return `${path} is announced on the local network`;
  if (nodes === 0)
    return `${path} is listed nowhere in the DHT: ${message ?? "no node took it"}; it is tried again every half minute`;
  return `${path} is listed by ${plural(nodes, "node")} of the DHT`;
}

/** Announcements are made again and again: each outcome is news once, and one that many files share is so for all of them. */
class Announced {
  readonly #told = new Set<string>();

  isNew({ by, root, nodes, message = "" }: AnnouncedEvent): boolean {
    const [done, trouble] = [`${by} ${root}`, `${by} not ${message}`];
    const isDone = nodes !== 0;
    const isNew = !this.#told.has(isDone ? done : trouble);
    this.#told.add(isDone ? done : trouble);
    // When it ends, or begins again, it is news once more.
    if (isDone && isNew) for (const each of this.#told) if (each.startsWith(`${by} not `)) this.#told.delete(each);
    if (!isDone) this.#told.delete(done);
    return isNew;
  }
}
