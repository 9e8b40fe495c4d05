import type { DownloadRow } from "../../src/page.js";
import { titleOf } from "./list/pick.js";

const key = "tributary.notify";

/** Words of the system about downloads that end while nobody looks. */
class Notifications {
  isOn = $state(localStorage.getItem(key) === "on" && permission() === "granted");
  permission = $state(permission());
  /** States that are known, so that what has ended before is not told. */
  readonly #states: Record<number, string> = {};
  #isFirst = true;

  /** Turns them on or off; the browser asks its user the first time. */
  async turn(on: boolean): Promise<void> {
    if (on && "Notification" in globalThis) this.permission = await Notification.requestPermission();
    this.isOn = on && this.permission === "granted";
    localStorage.setItem(key, this.isOn ? "on" : "off");
  }

  /** Takes in the list as it is now. */
  see(rows: readonly DownloadRow[]): void {
    for (const row of rows) {
      const before = this.#states[row.id];
      this.#states[row.id] = row.state;
      if (this.#isFirst || before === row.state || !this.isOn || !document.hidden) continue;
      if (row.state === "completed")
        new Notification("Download done", { body: titleOf(row), tag: `tributary-${row.id}` });
      if (row.state === "failed")
        new Notification("Download failed", {
          body: `${titleOf(row)}: ${row.error?.message ?? ""}`,
          tag: `tributary-${row.id}`,
        });
    }
    if (rows.length > 0) this.#isFirst = false;
  }
}

function permission(): NotificationPermission {
  return "Notification" in globalThis ? Notification.permission : "denied";
}

/** One for the page. */
export const notifications = new Notifications();
