import { from, tap } from "rxjs";
import { expect, it } from "vitest";
import { showAsFits } from "../../src/cli/show/showAsFits.js";
import type { FileEvent, ListEvent } from "../../src/node.js";

const waiting = (file: number): ListEvent => ({ type: "file-waiting", at: 0, file });
const notice = (message: string): FileEvent => ({ type: "notice", at: 0, message });
const told = (file: number, message: string): ListEvent => ({
  type: "file-event",
  at: 0,
  file,
  event: notice(message),
});

/** What is shown of a list as one download, and as a list, and what is passed on. */
function shown(events: readonly ListEvent[], entries: number) {
  const [one, many, passed]: [unknown[], unknown[], unknown[]] = [[], [], []];
  const show = showAsFits(
    tap((event) => one.push(event)),
    tap((event) => many.push(event)),
    entries,
  );
  from(events)
    .pipe(show)
    .subscribe((event) => passed.push(event));
  expect(passed).toEqual(events);
  return { one, many };
}

it("A list of one file is shown as a download, each of its events once", () => {
  expect(shown([waiting(0), told(0, "a"), told(0, "b")], 1)).toEqual({ one: [notice("a"), notice("b")], many: [] });
});

it("A list of several files is shown as a list, from its first event on, also where one entry has them", () => {
  const several = [waiting(0), waiting(1), told(0, "a"), told(1, "b")];
  expect(shown(several, 1)).toEqual({ one: [], many: several });
  const listed = [waiting(0), told(0, "a")];
  expect(shown(listed, 2)).toEqual({ one: [], many: listed });
});

it("A download beside which another one is added is shown as a list from then on", () => {
  const events = [waiting(0), told(0, "a"), waiting(1), told(1, "b")];
  expect(shown(events, 1)).toEqual({ one: [notice("a")], many: events.slice(2) });
});

it("A list that ends before anything of it is known is shown as nothing", () => {
  expect(shown([waiting(0)], 1)).toEqual({ one: [], many: [] });
});
