import { Observable, Subscription } from "rxjs";

/** A peer behind an address. */
export interface AddressedPeer {
  close(): void;
}

export interface LivePeersConfig<P extends AddressedPeer> {
  /** The part that two addresses of one peer have in common; throws where an address is none. */
  readonly keyOf: (address: string) => string;
  readonly make: (address: string) => P;
  /** Emits when something of a peer has changed that whoever chooses has to know. */
  readonly changesOf: (peer: P) => Observable<unknown>;
  /**
   * Closes all peers when it emits. Needed where the addresses complete: the peers outlive the completed source, and an unsubscribe can
   * no longer reach them. @default never
   */
  readonly closeWhen?: Observable<unknown> | undefined;
}

/**
 * The peers behind addresses that come and go, as a `PeerSource`. An address that stays keeps its peer; one that vanishes has its peer closed,
 * and all are closed at unsubscribe. Emits the same peers again when one has changed. Completes when `addresses` does, and then the peers that
 * were handed out stay open.
 *
 * Errors as `addresses`, `keyOf` and `make` do.
 */
export function livePeers<P extends AddressedPeer>(
  addresses: Observable<readonly string[]>,
  { keyOf, make, changesOf, closeWhen }: LivePeersConfig<P>,
): Observable<readonly P[]> {
  return new Observable((subscriber) => {
    const entries = new Map<string, { readonly peer: P; readonly watch: Subscription }>();
    const owned = new Subscription();
    let completed = false;

    const emit = (): void => subscriber.next(Array.from(entries.values(), ({ peer }) => peer));
    const drop = (key: string): void => {
      const entry = entries.get(key);
      entries.delete(key);
      entry?.watch.unsubscribe();
      entry?.peer.close();
    };
    const dropAll = (): void => {
      for (const key of [...entries.keys()]) drop(key);
      owned.unsubscribe();
    };
    const update = (all: readonly string[]): void => {
      const wanted = new Map<string, string>();
      for (const address of all) if (!wanted.has(keyOf(address))) wanted.set(keyOf(address), address);
      for (const key of [...entries.keys()]) if (!wanted.has(key)) drop(key);
      for (const [key, address] of wanted) {
        if (entries.has(key)) continue;
        const peer = make(address);
        entries.set(key, { peer, watch: changesOf(peer).subscribe(emit) });
      }
      emit();
    };

    owned.add(closeWhen?.subscribe(dropAll));
    owned.add(
      addresses.subscribe({
        next: (all) => {
          try {
            update(all);
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
