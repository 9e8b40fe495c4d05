import { networkInterfaces } from "node:os";
import { firstValueFrom } from "rxjs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { wayOut as browserWayOut } from "../../src/adapters/browser/wayOut.js";
import { wayOut } from "../../src/adapters/node/wayOut.js";
import { dialBrowser, type WebSocketConstructor } from "../../src/adapters/websocket/dialBrowser.js";

afterEach(() => vi.unstubAllGlobals());

describe("the way out of this machine", () => {
  it("The way out of this machine is known to Node by interfaces that are not internal", async () => {
    const outside = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    expect(await firstValueFrom(wayOut)).toBe(outside.some(({ internal }) => !internal));
  });

  it("The way out of this machine is known to a page by its events", () => {
    const page = new EventTarget();
    const navigator = { onLine: true };
    vi.stubGlobal("navigator", navigator);
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    const seen: boolean[] = [];
    const subscription = browserWayOut.subscribe((isOnline) => seen.push(isOnline));
    navigator.onLine = false;
    page.dispatchEvent(new Event("offline"));
    page.dispatchEvent(new Event("offline"));
    navigator.onLine = true;
    page.dispatchEvent(new Event("online"));
    subscription.unsubscribe();
    navigator.onLine = false;
    page.dispatchEvent(new Event("offline"));
    expect(seen).toEqual([true, false, true]);
  });

  it.each([undefined, {}])("The way out is not known to a platform whose navigator is %j", (navigator) => {
    vi.stubGlobal("navigator", navigator);
    let told = false;
    browserWayOut.subscribe({ next: () => (told = true), complete: () => (told = true) }).unsubscribe();
    expect(told).toBe(false);
  });

  it.each([
    [true, "CONNECTION_REFUSED"],
    [false, "NETWORK_DOWN"],
    [undefined, "CONNECTION_REFUSED"],
  ])("A failed handshake of a page that is online: %j is %s", async (onLine, code) => {
    vi.stubGlobal("navigator", { onLine });
    const dial = dialBrowser(WebSocket as unknown as WebSocketConstructor);
    const target = { url: "ws://127.0.0.1:9", peer: "A", token: undefined, maxFrameBytes: 1000, maxRetryAfterMs: 1 };
    await expect(firstValueFrom(dial(target))).rejects.toMatchObject({ code });
  });
});
