import { DownloadDetail } from "./DownloadDetail.js";
import type { DownloadRow, ManagerTotal } from "./DownloadRow.js";
import type { ManagerSettings } from "./ManagerSettings.js";
import type { DetailSnapshot, DetailUpdate, ListUpdate, Update } from "./messages.js";

/** One download that is watched. */
export interface WatchedDetail {
  readonly detail: DownloadDetail;
  /** Options it was added with, without secrets. */
  readonly options: DetailSnapshot["options"];
}

/** Downloads that a client watches: a fold of `update` messages, in place. */
export class WatchedDownloads {
  #rows = new Map<number, DownloadRow>();
  #order: readonly number[] = [];
  readonly #details = new Map<number, WatchedDetail>();
  #total: ManagerTotal = { bytesPerSecond: 0, counts: {} };
  #settings: ManagerSettings | undefined;

  /** Downloads as they stand in line. */
  get rows(): readonly DownloadRow[] {
    return this.#order.flatMap((id) => this.#rows.get(id) ?? []);
  }

  get total(): ManagerTotal {
    return this.#total;
  }

  /** Settings of the daemon; nothing before the list was watched. */
  get settings(): ManagerSettings | undefined {
    return this.#settings;
  }

  /** A download of those whose details are watched; nothing before the first word of it. */
  detail(download: number): WatchedDetail | undefined {
    return this.#details.get(download);
  }

  /** Takes in one more message. */
  fold({ list, details }: Update): void {
    if (list !== undefined) this.#foldList(list);
    for (const detail of details) this.#foldDetail(detail);
  }

  #foldList({ whole, rows, gone, order, total, settings }: ListUpdate): void {
    if (whole) this.#rows = new Map();
    for (const row of rows) this.#rows.set(row.id, row);
    for (const id of gone) this.#rows.delete(id);
    if (order !== undefined) this.#order = order;
    if (settings !== undefined) this.#settings = settings;
    this.#total = total;
  }

  #foldDetail({ download, snapshot, events }: DetailUpdate): void {
    if (snapshot !== undefined) {
      const { options, ...packed } = snapshot;
      this.#details.set(download, { detail: new DownloadDetail(packed), options });
    }
    const detail = this.#details.get(download)?.detail;
    for (const event of events) detail?.fold(event);
  }
}
