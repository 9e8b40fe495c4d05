import { expect, it } from "vitest";
import { printableUrl } from "../../src/errors/printableUrl.js";

it.each([
  ["https://me:hunter2@a.example/f?x@y", "https://a.example/f?x@y"],
  ["HTTP://me@a.example:81", "HTTP://a.example:81"],
  ["https://me:hunter2@b@a.example/f", "https://a.example/f"],
  ["https:\\\\me:hunter2@a.example\\f", "https:\\\\a.example\\f"],
  ["https:me:hunter2@a.example/f", "https:a.example/f"],
  ["ws://me:hunter2@a.example/f", "ws://a.example/f"],
  ["https://a.example/f@2.iso", "https://a.example/f@2.iso"],
  ["https://a.example?me@b", "https://a.example?me@b"],
  ["http://me:hun/ter2@a.example/f", "http://a.example/f"],
  ["http://me:hun#ter2@a.example/f", "http://a.example/f"],
  ["films/me@home.meta4", "films/me@home.meta4"],
])("The address %s is shown as %s", (url, shown) => {
  expect(printableUrl(url)).toBe(shown);
});
