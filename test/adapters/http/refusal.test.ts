import { EMPTY } from "rxjs";
import { expect, it } from "vitest";
import { refusal } from "../../../src/adapters/http/refusal.js";

const limits = { maxRetryAfterMs: 1000, now: () => 0 };

it("A seeder that is asked as a mirror is told to be one, and other servers that want an upgrade are not", () => {
  const said = (upgrade: string) =>
    refusal("http://a:1", { status: 426, headers: { upgrade }, body: EMPTY, url: "http://a:1/f" }, limits).message;
  expect(said("websocket")).toBe(
    "http://a:1 answered with HTTP 426; if it is a seeder, its link begins with ws:// or wss://",
  );
  expect(said("TLS/1.0")).toBe("http://a:1 answered with HTTP 426");
});
