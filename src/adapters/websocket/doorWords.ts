import { concatMap, defer, EMPTY, type Observable, of } from "rxjs";
import type { Serving } from "../../protocol/messages.js";
import type { Door } from "../../protocol/PeerExchange.js";
import { isOfUse } from "../../protocol/Scope.js";
import type { Wire } from "./Dial.js";

/**
 * Words for a server, over a wire, on the door at which a file of its is served here, as that changes. It is told where somebody whom it tells could get in:
 * who is near enough, and by the address that it sees.
 */
export function doorWords(
  doors: Observable<Door | undefined>,
  root: string,
  { local, remote }: Pick<Wire, "local" | "remote">,
): Observable<Serving> {
  return defer(() => {
    let isTold = false;
    return doors.pipe(
      concatMap((door): Observable<Serving> => {
        const isSeen = door?.address === undefined || local === undefined || door.address === local;
        const isOpen = door !== undefined && isSeen && isOfUse(door.scope, remote?.scope ?? "public");
        if (!isOpen && !isTold) return EMPTY;
        isTold = isOpen;
        const where = isOpen ? { port: door.port, ...(door.tls && { tls: true }) } : { port: 0 };
        return of({ type: "serving", root, ...where });
      }),
    );
  });
}
