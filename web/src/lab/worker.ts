/** Runs races beside the page, so that it stays awake. */
import type { LabConfig } from "./testOf.js";
import { type Course, record, type Recording } from "./Recording.js";

export interface RaceRequest {
  readonly course: Course;
  readonly policies: readonly LabConfig[];
}

/** What came of the race: a recording for each policy, or why there is none. */
export type RaceResult = { readonly recordings: readonly Recording[] } | { readonly error: string };

addEventListener("message", ({ data }: MessageEvent<RaceRequest>) => {
  postMessage(raced(data));
});

function raced({ course, policies }: RaceRequest): RaceResult {
  try {
    return { recordings: policies.map((policy) => record(course, policy)) };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}
