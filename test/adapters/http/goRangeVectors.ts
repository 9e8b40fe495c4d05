/** What a server answers to a Range header for a file of 11 bytes: its status, and the parts as [first byte, byte behind the last]. */
export interface RangeVector {
  readonly range: string;
  readonly status: 200 | 206 | 416;
  readonly parts?: readonly (readonly [start: number, end: number])[];
}

export const vectorFileSize = 11;

/** The cases of `ServeFileRangeTests` in Go's net/http (fs_test.go), as facts. */
export const goRangeVectors: readonly RangeVector[] = [
  { range: "", status: 200 },
  { range: "bytes=0-4", status: 206, parts: [[0, 5]] },
  { range: "bytes=2-", status: 206, parts: [[2, 11]] },
  { range: "bytes=-5", status: 206, parts: [[6, 11]] },
  { range: "bytes=3-7", status: 206, parts: [[3, 8]] },
  {
    range: "bytes=0-0,-2",
    status: 206,
    parts: [
      [0, 1],
      [9, 11],
    ],
  },
  {
    range: "bytes=0-1,5-8",
    status: 206,
    parts: [
      [0, 2],
      [5, 9],
    ],
  },
  {
    range: "bytes=0-1,5-",
    status: 206,
    parts: [
      [0, 2],
      [5, 11],
    ],
  },
  { range: "bytes=5-1000", status: 206, parts: [[5, 11]] },
  { range: "bytes=0-,1-,2-,3-,4-", status: 200 },
  { range: "bytes=0-9", status: 206, parts: [[0, 10]] },
  { range: "bytes=0-10", status: 206, parts: [[0, 11]] },
  { range: "bytes=0-11", status: 206, parts: [[0, 11]] },
  { range: "bytes=10-11", status: 206, parts: [[10, 11]] },
  { range: "bytes=10-", status: 206, parts: [[10, 11]] },
  { range: "bytes=11-", status: 416 },
  { range: "bytes=11-12", status: 416 },
  { range: "bytes=12-12", status: 416 },
  { range: "bytes=11-100", status: 416 },
  { range: "bytes=12-100", status: 416 },
  { range: "bytes=100-", status: 416 },
  { range: "bytes=100-1000", status: 416 },
];
