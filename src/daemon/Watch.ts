import type { DetailUpdate, ListUpdate, Update } from "../control/messages.js";
import type { DownloadManager } from "../assembly/manager/DownloadManager.js";
import type { ManagerEvent } from "../assembly/manager/ManagerEvent.js";
import type { DownloadEvent } from "../download/DownloadEvent.js";

/** Events of a download that wait for the next message at most; where there are more, a snapshot is less. */
const mostEvents = 4096;

/** Changes of a list that the client has not been told of; `all` when it knows nothing. */
interface ListChanges {
  all: boolean;
  order: boolean;
  settings: boolean;
  readonly rows: Set<number>;
  readonly gone: Set<number>;
}

const unknown = (): ListChanges => ({ all: true, order: true, settings: true, rows: new Set(), gone: new Set() });
const nothing = (): ListChanges => ({ ...unknown(), all: false, order: false, settings: false });

/** The watch of one client: the downloads that it wants to hear of, and what of them has changed since it was told last. */
export class Watch {
  readonly #manager: DownloadManager;
  #list: ListChanges | undefined;
  /** Events since the last message, by download; nothing where a snapshot is due. */
  #details = new Map<number, DownloadEvent[] | undefined>();

  constructor(manager: DownloadManager) {
    this.#manager = manager;
  }

  /** Takes in all that the client wants to hear of from now on; what is new in it begins with a snapshot. */
  set({ list, details }: { readonly list: boolean; readonly details: readonly number[] }): void {
    this.#list = list ? (this.#list ?? unknown()) : undefined;
    this.#details = new Map(details.map((id) => [id, this.#details.get(id)]));
  }

  /** Drops all changes: the next message has snapshots. */
  reset(): void {
    if (this.#list !== undefined) this.#list = unknown();
    for (const id of this.#details.keys()) this.#details.set(id, undefined);
  }

  /** Takes in an event; true when the client is to hear of it. */
  take(event: ManagerEvent): boolean {
    const isOfDetail = "download" in event && this.#details.has(event.download);
    if (event.type === "download-event" && isOfDetail) this.#add(event.download, event.event);
    if (event.type === "download-begun" && isOfDetail) this.#details.set(event.download, undefined);
    if (event.type === "download-removed") this.#details.delete(event.download);
    return this.#takeOfList(event) || isOfDetail;
  }

  /** Message of all changes, after which there are none; nothing where there are none. `at` is wall time. */
  update(at: number): Update | undefined {
    const list = this.#list && this.#listUpdate(this.#list);
    if (this.#list !== undefined) this.#list = nothing();
    const details = [...this.#details].flatMap(([id, events]) => this.#detailUpdate(id, events));
    if (list === undefined && details.length === 0) return undefined;
    return { type: "update", at, details, ...(list && { list }) };
  }

  #add(download: number, event: DownloadEvent): void {
    const events = this.#details.get(download);
    if (events === undefined) return;
    events.push(event);
    if (events.length > mostEvents) this.#details.set(download, undefined);
  }

  #takeOfList(event: ManagerEvent): boolean {
    const list = this.#list;
    if (list === undefined) return false;
    if (event.type === "download-changed") list.rows.add(event.download);
    if (event.type === "order-changed") list.order = true;
    if (event.type === "settings-changed") list.settings = true;
    if (event.type === "download-removed") {
      list.gone.add(event.download);
      list.order = true;
    }
    return event.type !== "download-event" && event.type !== "notice";
  }

  #listUpdate({ all, order, settings, rows, gone }: ListChanges): ListUpdate | undefined {
    if (!all && !order && !settings && rows.size === 0 && gone.size === 0) return undefined;
    const manager = this.#manager;
    const changed = all ? manager.order : [...rows].filter((id) => manager.has(id));
    return {
      whole: all,
      rows: changed.map((id) => manager.row(id)),
      gone: [...gone],
      total: manager.total,
      ...(order && { order: [...manager.order] }),
      ...(settings && { settings: manager.settings }),
    };
  }

  #detailUpdate(download: number, events: readonly DownloadEvent[] | undefined): readonly DetailUpdate[] {
    if (!this.#manager.has(download) || events?.length === 0) return [];
    this.#details.set(download, []);
    if (events !== undefined) return [{ download, events: [...events] }];
    const { detail, options } = this.#manager.detail(download);
    const { tokens: _tokens, headers: _headers, ...told } = options;
    const { state, map, log } = detail.pack();
    return [
      {
        download,
        events: [],
        snapshot: { state, map: { ...map, peers: [...map.peers] }, log: [...log], options: told },
      },
    ];
  }
}
