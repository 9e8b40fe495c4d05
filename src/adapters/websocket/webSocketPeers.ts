import { Observable, Subscription } from "rxjs";
import { parsePeerLink } from "./PeerLink.js";
import type { WebSocketPeerOptions } from "./PeerOptions.js";
import { WebSocketPeer } from "./WebSocketPeer.js";

export interface WebSocketPeersOptions extends WebSocketPeerOptions {
  /**
   * Drops all connections when it emits. Needed where `links` completes: the peers outlive the completed source, and an
   * unsubscribe can no longer reach them. Without it, idle connections still close after `idleMs`. @default never
   */
  readonly closeWhen?: Observable<unknown>;
}

/**
 * The peers behind links of the form `ws://host:port/ROOT`, as a `PeerSource`. A link that stays keeps its peer; one that
 * vanishes has its connection dropped at once, and all are dropped at unsubscribe. Also emits, with the same peers, when
 * a peer told that it has other chunks now. Completes when `links` does, and then the connections stay for the peers that were
 * handed out.
 *
 * Errors as `links` does, and with the `TypeError` of a link that is none.
 */
export function webSocketPeers(
  links: Observable<readonly string[]>,
  options: WebSocketPeersOptions,
): Observable<readonly WebSocketPeer[]> {
  return new Observable((subscriber) => {
    const entries = new Map<string, { readonly peer: WebSocketPeer; readonly watch: Subscription }>();
    const owned = new Subscription();
    let completed = false;

    const emit = () => subscriber.next(Array.from(entries.values(), ({ peer }) => peer));
    const drop = (url: string) => {
      const entry = entries.get(url);
      entries.delete(url);
      entry?.watch.unsubscribe();
      entry?.peer.close();
    };
    const dropAll = () => {
      for (const url of [...entries.keys()]) drop(url);
      owned.unsubscribe();
    };
    const update = (texts: readonly string[]) => {
      const wanted = new Map(texts.map((text) => parsePeerLink(text)).map((link) => [link.url, link]));
      for (const url of [...entries.keys()]) if (!wanted.has(url)) drop(url);
      for (const [url, link] of wanted) {
        if (entries.has(url)) continue;
        const peer = new WebSocketPeer(link, options);
        entries.set(url, { peer, watch: peer.haveChanges.subscribe(emit) });
      }
      emit();
    };

    owned.add(options.closeWhen?.subscribe(dropAll));
    owned.add(
      links.subscribe({
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
