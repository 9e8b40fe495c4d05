import { Observable, Subscription } from "rxjs";
import { HttpPeer } from "./HttpPeer.js";
import type { HttpPeerOptions } from "./HttpPeerOptions.js";
import { parseMirror } from "./parseMirror.js";

export interface HttpPeersOptions extends HttpPeerOptions {
  /**
   * Closes all peers when it emits. Needed where `urls` completes: the peers outlive the completed source, and an unsubscribe can no
   * longer reach them. @default never
   */
  readonly closeWhen?: Observable<unknown>;
}

/**
 * The mirrors at these addresses, as a `PeerSource`. An address that stays keeps its peer, as does one that differs only in user, password or
 * fragment; one that vanishes has its peer closed, and all are closed at unsubscribe. Also emits, with the same peers, when
 * one showed that it serves no ranges. Completes when `urls` does, and then the peers that were handed out stay open.
 *
 * Errors as `urls` does, and with the `TypeError` or `RangeError` of an address or option that is none.
 */
export function httpPeers(
  urls: Observable<readonly string[]>,
  options: HttpPeersOptions,
): Observable<readonly HttpPeer[]> {
  return new Observable((subscriber) => {
    const entries = new Map<string, { readonly peer: HttpPeer; readonly watch: Subscription }>();
    const owned = new Subscription();
    let completed = false;

    const emit = () => subscriber.next(Array.from(entries.values(), ({ peer }) => peer));
    const drop = (id: string) => {
      const entry = entries.get(id);
      entries.delete(id);
      entry?.watch.unsubscribe();
      entry?.peer.close();
    };
    const dropAll = () => {
      for (const id of [...entries.keys()]) drop(id);
      owned.unsubscribe();
    };
    const update = (texts: readonly string[]) => {
      const wanted = new Map<string, string>();
      for (const text of texts) {
        const { id } = parseMirror(text);
        if (!wanted.has(id)) wanted.set(id, text);
      }
      for (const id of [...entries.keys()]) if (!wanted.has(id)) drop(id);
      for (const [id, text] of wanted) {
        if (entries.has(id)) continue;
        const peer = new HttpPeer(text, options);
        entries.set(id, { peer, watch: peer.changes.subscribe(emit) });
      }
      emit();
    };

    owned.add(options.closeWhen?.subscribe(dropAll));
    owned.add(
      urls.subscribe({
        next: (texts) => {
          try {
            update(texts);
          } catch (error) {
            subscriber.error(error);
          }
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          completed = true;
          subscriber.complete();
        },
      }),
    );
    return () => {
      if (!completed) dropAll();
    };
  });
}
