import type { Manners, Unsatisfied } from "./Manners.js";

/** Bytes of the file from `first` to before `end`, and what `Content-Range` calls them; bytes behind the end of the file are promised only. */
export interface Part {
  readonly first: number;
  readonly end: number;
  readonly said: string;
}

/** What a `Range` header comes to: the whole, no part, or parts. */
export type Reading = "whole" | Unsatisfied | 204 | 400 | readonly [Part, ...Part[]];

interface Asked {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/** Reads a `Range` header as a server of these manners does; what is no range of bytes counts as none. */
export function readRange(range: string | undefined, size: number, manners: Manners): Reading {
  const all = manners.range === "whole" ? [] : rangesIn(range);
  const [asked, ...others] = all;
  if (asked === undefined) return "whole";
  if (others.length === 0) return readOne(asked, size, manners);
  switch (manners.severalRanges) {
    case "parts": {
      const [first, ...more] = all.flatMap((each) => partsOf(readOne(each, size, manners)));
      return first === undefined ? readBehind(size, manners) : [first, ...more];
    }
    case "first":
      return readOne(asked, size, manners);
    case "one for all":
      return readOne({ from: asked.from, to: others.at(-1)?.to }, size, manners);
    case "unsatisfiable":
      return "416 bytes */N";
    case "whole":
      return "whole";
  }
}

const partsOf = (reading: Reading): readonly Part[] => (typeof reading === "object" ? reading : []);

function rangesIn(range = ""): readonly Asked[] {
  const [, list = ""] = /^bytes=([\d\s,-]+)$/.exec(range) ?? [];
  const all = list.split(",").map((each) => /^\s*(\d*)-(\d*)\s*$/.exec(each));
  const asked = all.flatMap((each) => {
    const [, from = "", to = ""] = each ?? [];
    const isRange = (from !== "" || to !== "") && (from === "" || to === "" || Number(from) <= Number(to));
    return isRange ? [{ from: numberIn(from), to: numberIn(to) }] : [];
  });
  return asked.length === all.length ? asked : [];
}

const numberIn = (text: string): number | undefined => (text === "" ? undefined : Number(text));

function readOne({ from, to }: Asked, size: number, manners: Manners): Reading {
  if (from === undefined) return readLast(to ?? 0, size, manners);
  const across = to !== undefined && to >= size ? manners.acrossEnd : "part";
  if (across === 400) return 400;
  if (size === 0) return readEmpty(manners);
  if (from >= size) return readBehind(from, manners);
  if (from === to && manners.oneByte === "unsatisfiable") return readBehind(size, manners);
  if (from === 0 && to === 0 && manners.firstByte !== "part") {
    return manners.firstByte === "misnamed"
      ? [{ ...part(0, 1, size), said: `bytes 0-${size - 1}/${size}` }]
      : [part(0, size, size)];
  }
  if (from === 0 && (to === undefined || to >= size - 1) && manners.wholeRange === "whole") return "whole";
  switch (across) {
    case "part":
      return [part(from, Math.min(to ?? size, size - 1) + 1, size)];
    case "a byte too many":
      return [part(from, size + 1, size)];
    case "unsatisfiable":
      return readBehind(size, manners);
    case "whole":
      return "whole";
  }
}

function readLast(count: number, size: number, manners: Manners): Reading {
  switch (manners.lastBytes) {
    case "part":
      return count === 0 || size === 0 ? readBehind(size, manners) : [part(Math.max(0, size - count), size, size)];
    case "first bytes":
      return [part(0, Math.min(size, count + 1), size)];
    case "unsatisfiable":
      return readBehind(size, manners);
    case "whole":
      return "whole";
  }
}

function readBehind(from: number, { behindEnd }: Manners): Reading {
  return behindEnd === "bytes that are not there" ? [part(from, from + 1, from)] : behindEnd;
}

function readEmpty({ rangeOfEmpty }: Manners): Reading {
  const [, first, last] = /^(-?\d+)-(-?\d+)\//.exec(String(rangeOfEmpty)) ?? [];
  if (first === undefined || last === undefined) return rangeOfEmpty as Exclude<Reading, object>;
  return [{ first: Number(first), end: Number(last) + 1, said: `bytes ${rangeOfEmpty}` }];
}

const part = (first: number, end: number, size: number): Part => ({
  first,
  end,
  said: `bytes ${first}-${end - 1}/${size}`,
});
