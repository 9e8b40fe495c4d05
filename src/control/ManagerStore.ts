import type { Observable } from "rxjs";
import type { ManagerRecord } from "./ManagerRecord.js";

export interface LoadedManager {
  /** Record that was saved last; absent where none was. */
  readonly record?: ManagerRecord;
  /** Line that the user should read, such as that a damaged record was set aside. */
  readonly notice?: string;
}

/** Memory of a manager. Every method is lazy and works once a subscription. Errors are `DownloadError`s. */
export interface ManagerStore {
  /** Holds the store for one manager: emits when it is held, until it is unsubscribed. Errors with `LOCKED` when another manager has it. */
  hold(): Observable<void>;
  /** One emission. */
  load(): Observable<LoadedManager>;
  /** Replaces what is kept, whole or not at all; runs to its end even if unsubscribed. */
  save(record: ManagerRecord): Observable<never>;
  /** Keeps a document of a download for as long as it is listed; emits the path that it has then. */
  keepDocument(text: string): Observable<string>;
}
