import { defer, finalize, map, merge, NEVER, type Observable, ReplaySubject } from "rxjs";
import type { Sha256 } from "../manifest/Hasher.js";
import type { Discovery } from "./Discovery.js";
import type { FileRequest } from "./FileRequest.js";
import type { KnownFile } from "./KnownFile.js";
import { Outvoted } from "./Outvoted.js";
import type { Swarm } from "./Swarm.js";
import { MirrorSearch } from "./MirrorSearch.js";

/**
 * Finds out what a file is that only its mirrors vouch for.
 *
 *     mirrors ─▶ crowd ─▶ answers ─┬─▶ firstMirror ────▶ the file, and its first peer        bytes flow
 *                                  ├─▶ surveyMirrors ──▶ was that the right one?             nothing is claimed before
 *                                  └─▶ admitLateMirrors ▶ more peers
 *
 * The first mirror that answers as a file should is enough to begin, and its first answer is the first chunk; the others are compared with it while
 * bytes flow, and join. When the survey decides otherwise, the agreement of the file fails. Nothing flows before the survey has decided where some
 * of the file may be here already, and where the addresses may be those of two files. An only mirror is decided for by its answer.
 *
 * Emits once, and never completes: mirrors are asked until it is left. Errors as `surveyMirrors` does.
 */
export function resolveByMirrors(
  request: FileRequest,
  { mirrors, outvoted = new Outvoted(), followsMetalinks = false, finding }: Omit<Swarm, "sockets">,
  sha256: Sha256,
  discovery: Discovery,
): Observable<KnownFile> {
  return defer(() => {
    const left = new ReplaySubject<void>(1);
    const wanted = mirrors.pipe(map((all) => all.filter(({ id }) => !outvoted.has(id))));
    const search = new MirrorSearch(request, {
      mirrors: wanted,
      outvoted,
      followsMetalinks,
      finding,
      sha256,
      discovery,
      left,
    });
    return merge(search.known(), NEVER).pipe(
      finalize(() => {
        search.leave();
        left.next();
      }),
    );
  });
}
