import { describe, expect, it } from "vitest";
import { compareVersions, type ToldVersion } from "../../src/discovery/compareVersions.js";

const zip = { ranges: true, type: "application/zip" } as const;
const monday = "Mon, 03 Jan 2022 00:00:00 GMT";
const tuesday = "Tue, 04 Jan 2022 00:00:00 GMT";

describe("two versions of a file, by their mirrors' words", () => {
  it.each<readonly [string, "same" | undefined, ToldVersion, ToldVersion]>([
    ["no mirror told of either", undefined, { size: 1 }, { size: 1 }],
    [
      "the mirrors are others",
      undefined,
      { size: 1, mirrors: { A: { etag: "1" } } },
      { size: 1, mirrors: { B: { etag: "1" } } },
    ],
    [
      "nothing but a date stayed",
      "same",
      { mirrors: { A: { lastModified: monday } } },
      { mirrors: { A: { lastModified: monday } } },
    ],
  ])("The bytes have to tell where %s", (_why, byDate, before, now) => {
    expect(compareVersions(before, now)).toEqual({ byDate });
  });

  it("A strong ETag that stayed makes them one, unless a date says otherwise", () => {
    const etag = '"1"';
    expect(compareVersions({ mirrors: { A: { etag } } }, { mirrors: { A: { etag } } })).toBe("same");
    const dated = (lastModified: string) => ({ mirrors: { A: { etag, lastModified } } });
    expect(compareVersions(dated(monday), dated(tuesday))).toMatchObject({
      byDate: { why: `it was last changed on ${monday} and is of ${tuesday} now` },
    });
  });

  it("The first of several dates that changed is told", () => {
    const dates = (lastModified: string) => ({ mirrors: { A: { lastModified }, B: { lastModified } } });
    expect(compareVersions(dates(monday), dates(tuesday))).toMatchObject({ byDate: { isWeak: false } });
  });

  it("Another size makes them two, as strongly as the answer is as good as those before", () => {
    expect(compareVersions({ size: 5, mirrors: { A: zip } }, { size: 6, mirrors: { A: zip } })).toEqual({
      why: "its size was 5 and is 6",
      isWeak: false,
    });
    expect(compareVersions({ size: 5 }, { size: 6 })).toEqual({ why: "its size was 5 and is 6", isWeak: false });
    expect(
      compareVersions({ size: 5, mirrors: { A: zip } }, { size: 6, mirrors: { A: { type: "text/html" } } }),
    ).toEqual({
      why: expect.stringContaining("where it had 5 bytes") as string,
      isWeak: true,
    });
  });

  it("A size that is not told any more is a weak word", () => {
    expect(compareVersions({ size: 5 }, {})).toMatchObject({ isWeak: true });
    expect(compareVersions({ size: 5, mirrors: { A: zip } }, { mirrors: { A: {} } })).toMatchObject({ isWeak: true });
  });

  it("A size that was told by nobody before counts as none", () => {
    expect(compareVersions({}, { size: 6 })).toEqual({ why: "its size was 0 and is 6", isWeak: false });
    expect(compareVersions({ mirrors: { A: zip } }, { size: 6, mirrors: { A: {} } })).toMatchObject({
      why: expect.stringContaining("where it had 0 bytes") as string,
    });
  });
});
