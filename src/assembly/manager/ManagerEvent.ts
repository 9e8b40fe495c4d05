import type { FileEvent } from "../node/downloadFile.js";

/** One thing that happened to a manager of downloads. `at` is time in ms. */
export type ManagerEvent = { readonly at: number } &
  /** The list was loaded, and its downloads are taken up. */
  (
    | { readonly type: "manager-started" }
    /** The row of a download is other than it was, or new. */
    | { readonly type: "download-changed"; readonly download: number }
    /** A run of a download begins: its detail begins anew. */
    | { readonly type: "download-begun"; readonly download: number }
    | { readonly type: "download-event"; readonly download: number; readonly event: FileEvent }
    /** A download was taken off the list. */
    | { readonly type: "download-removed"; readonly download: number }
    | { readonly type: "order-changed" }
    | { readonly type: "settings-changed" }
    | { readonly type: "notice"; readonly message: string }
  );
