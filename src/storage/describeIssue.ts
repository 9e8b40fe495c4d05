import type * as v from "valibot";

/** What is wrong with a record, and where in it. */
export function describeIssue({ message, path }: v.BaseIssue<unknown>): string {
  const place = path?.map(({ key }) => String(key)).join(".");
  return place === undefined ? message : `${place}: ${message}`;
}
