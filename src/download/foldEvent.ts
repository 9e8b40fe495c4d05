import type { DownloadEvent, DownloadEventOf, DownloadEventType } from "./DownloadEvent.js";

/** Changes of a state after an event of each type; types left out leave it as it is. */
export type Folds<State> = {
  readonly [Type in DownloadEventType]?: (state: State, event: DownloadEventOf<Type>) => State;
};

/** The state after `event`, by the fold for its type. */
export function foldEvent<State>(folds: Folds<State>, state: State, event: DownloadEvent): State {
  const fold = folds[event.type] as ((state: State, event: DownloadEvent) => State) | undefined;
  return fold ? fold(state, event) : state;
}
