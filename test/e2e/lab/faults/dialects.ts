import type { Fault } from "../Exchange.js";
import type { Facts } from "../serve.js";
import { withFaults } from "../serve.js";
import { alterHeaders } from "./alter.js";
import { ignoresRange, unknownTotal } from "./ranges.js";

/** How a kind of server tells one version of a file from another. */
export interface Dialect {
  readonly title: string;
  /** What it says of each version. */
  readonly facts: (version: number) => Facts;
  /** How else it differs from one that does all as it should. */
  readonly faults: readonly Fault[];
}

const tagOf = (version: number): string => `"v${version}"`;
const dateOf = (version: number): string => `Sat, 0${version} Jan 2022 00:00:00 GMT`;

/** Answers as if nothing was said of `If-Match`. */
export function ignoresIfMatch(): Fault {
  return (next) => (ask) => {
    const { "if-match": _, ...headers } = ask.headers;
    return next({ ...ask, headers });
  };
}

const bareTag = (version: number): string => `v${version}`;

export const dialects: readonly Dialect[] = [
  {
    title: "a strong ETag and a date (nginx)",
    facts: (version) => ({ etag: tagOf(version), lastModified: dateOf(version) }),
    faults: [],
  },
  {
    title: "a date, and an ETag that survives (Tornado)",
    facts: (version) => ({ etag: tagOf(1), lastModified: dateOf(version) }),
    faults: [ignoresIfMatch()],
  },
  {
    title: "an ETag without quotes, and no date in parts (WEBrick)",
    facts: (version) => ({ etag: bareTag(version), lastModified: dateOf(version) }),
    faults: [
      ignoresIfMatch(),
      alterHeaders(({ status, headers }) => ({
        "last-modified": status === 206 ? undefined : headers["last-modified"],
      })),
    ],
  },
  {
    title: "the old ETag and date (rclone serve)",
    facts: () => ({ etag: tagOf(1), lastModified: dateOf(1) }),
    faults: [],
  },
  { title: "nothing, not even the size (webdav-server)", facts: () => ({}), faults: [unknownTotal()] },
  {
    title: "a date, of whole files only (python3 -m http.server)",
    facts: (version) => ({ lastModified: dateOf(version) }),
    faults: [ignoresRange()],
  },
  { title: "nothing, of whole files only (php -S)", facts: () => ({}), faults: [ignoresRange()] },
];

/** The faults of a dialect as one. */
export function speaks({ faults }: Dialect): Fault {
  return (next) => withFaults(next, ...faults);
}
