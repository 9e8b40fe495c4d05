/** Where the file comes from. */
export type Setting = "four mirrors" | "four mirrors, HTTPS" | "one mirror";

/** A program, with or without digests. */
export interface Entry {
  readonly tool: string;
  readonly checked: boolean;
}

/** No rival: what Node can do at most. */
export const bare = "bare reader";

const checked = (tool: string): Entry => ({ tool, checked: true });
const unchecked = (tool: string): Entry => ({ tool, checked: false });

/**
 * Who runs in which setting. Over HTTPS there is only aria2 beside us: axel cannot be given an authority, and without checks of
 * the certificate it would not do the same.
 */
export const work: Readonly<Record<Setting, readonly Entry[]>> = {
  "four mirrors": [
    ...[checked("tributary"), checked("aria2"), checked(bare)],
    ...[unchecked("tributary"), unchecked("aria2"), unchecked("axel"), unchecked(bare)],
  ],
  "four mirrors, HTTPS": [checked("tributary"), checked("aria2")],
  "one mirror": [
    ...[checked("tributary"), checked("aria2"), checked(bare)],
    ...[unchecked("tributary"), unchecked("aria2"), unchecked("axel"), unchecked(bare)],
  ],
};

/** The most that Tributary may take, over what another takes of the same. */
export interface Goal {
  readonly setting: Setting;
  readonly than: Entry;
  readonly wall: number;
  readonly cpu?: number;
}

export const goals: readonly Goal[] = [
  { setting: "four mirrors", than: checked("aria2"), wall: 0.7, cpu: 1.2 },
  { setting: "four mirrors", than: checked(bare), wall: 1.25 },
  { setting: "four mirrors", than: unchecked("aria2"), wall: 0.8 },
  { setting: "four mirrors", than: unchecked("axel"), wall: 0.8 },
  { setting: "four mirrors, HTTPS", than: checked("aria2"), wall: 0.9 },
];

/** Most memory of Tributary in each, MB. */
export const peakGoal = 150;
