import { defer, switchMap } from "rxjs";
import type { Dial } from "../../adapters/websocket/Dial.js";
import type { DialNodeConfig } from "../../adapters/websocket/dialNode.js";

/** As `dialNode`, which is loaded when somebody is dialled. */
export function dialLater(config: DialNodeConfig): Dial {
  return (target) =>
    defer(() => import("../../adapters/websocket/dialNode.js")).pipe(
      switchMap(({ dialNode }) => dialNode(config)(target)),
    );
}
