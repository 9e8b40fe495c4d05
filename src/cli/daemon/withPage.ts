import { filter, type Observable, tap } from "rxjs";
import { serveList } from "../../command.js";
import type { DownloadAllOptions, ListEvent } from "../../node.js";
import type { TypedEntry } from "../options/readList.js";
import { say } from "../say.js";
import { version } from "../version.js";
import { openLink } from "./openLink.js";
import { neededPageFolder } from "./pageFolder.js";

/** Events of a list as `downloadAll` has them, with a page of it while it runs, whose link is told on stderr and opened where there is a browser. */
export function withPage(
  entries: readonly TypedEntry[],
  options: DownloadAllOptions,
  { open }: { readonly open: boolean },
): Observable<ListEvent> {
  const downloads = entries.map(({ sources, ...own }) => ({ sources, options: own }));
  return serveList(downloads, { ...options, program: `tributary ${version}`, page: neededPageFolder() }).pipe(
    tap((event) => {
      if (event.type === "client-refused") say(`a client was refused (${event.status}): ${event.message}`);
      if (event.type !== "listening") return;
      const url = event.link();
      say(`its page: ${url}`);
      if (open) openLink(url);
    }),
    filter((event): event is ListEvent => !serverWords.has(event.type)),
  );
}

const serverWords: ReadonlySet<string> = new Set(["listening", "client-refused", "client-failed"]);
