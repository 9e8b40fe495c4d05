import type * as v from "valibot";

/** Fault of a record, and where in it. */
export function describeIssue({ message, path }: v.BaseIssue<unknown>): string {
  const place = path?.map(({ key }) => String(key)).join(".");
  return place === undefined ? message : `${place}: ${message}`;
}
