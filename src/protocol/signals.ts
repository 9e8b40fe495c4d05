import * as v from "valibot";
import { longestCandidate, longestDescription, mostRtcPeers } from "./protocol.js";
import { natural32, root } from "./shapes.js";

/** Name that a server gave a client for one connection. */
const member = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, "Expected 16 hex digits"));
const members = v.pipe(v.array(member), v.maxLength(mostRtcPeers));
const sdp = v.pipe(v.string(), v.maxLength(longestDescription));

/** `id`: drawn at random by the end that offers, and the same in all signals of one connection. */
const signal = { id: natural32, root };
const offer = { type: v.literal("rtc-offer"), ...signal, sdp };
const answer = { type: v.literal("rtc-answer"), ...signal, sdp };
const candidate = {
  type: v.literal("rtc-candidate"),
  ...signal,
  candidate: v.pipe(v.string(), v.maxLength(longestCandidate)),
  mid: v.pipe(v.string(), v.maxLength(64)),
};

const join = v.object({ type: v.literal("rtc-join"), id: natural32, root, serves: v.boolean() });
const to = { to: member };
const from = { from: member };

const sentOffer = v.object({ ...offer, ...to });
const sentAnswer = v.object({ ...answer, ...to });
const sentCandidate = v.object({ ...candidate, ...to });
const passedOffer = v.object({ ...offer, ...from });
const passedAnswer = v.object({ ...answer, ...from });
const passedCandidate = v.object({ ...candidate, ...from });

/** Differences in the list of clients that serve a file by WebRTC: those that came and those that are gone. */
const peers = v.object({ type: v.literal("rtc-peers"), root, joined: members, left: members });

/** Signals and news of a client, by `type`. */
export const clientSignals = {
  "rtc-join": join,
  "rtc-offer": sentOffer,
  "rtc-answer": sentAnswer,
  "rtc-candidate": sentCandidate,
} as const;

/** Signals and news of a server, by `type`. */
export const serverSignals = {
  "rtc-peers": peers,
  "rtc-offer": passedOffer,
  "rtc-answer": passedAnswer,
  "rtc-candidate": passedCandidate,
} as const;

export type RtcJoin = v.InferOutput<typeof join>;
export type RtcPeers = v.InferOutput<typeof peers>;
/** A signal as a client sends it to another one. */
export type SentSignal =
  v.InferOutput<typeof sentOffer> | v.InferOutput<typeof sentAnswer> | v.InferOutput<typeof sentCandidate>;
/** A signal as the server passes it on. */
export type PassedSignal =
  v.InferOutput<typeof passedOffer> | v.InferOutput<typeof passedAnswer> | v.InferOutput<typeof passedCandidate>;
export type ServerSignal = RtcPeers | PassedSignal;

/** Tells whether a client's message is one of the rendezvous. */
export function isOfRendezvous<M extends { readonly type: string }>(message: M): message is M & (RtcJoin | SentSignal) {
  return Object.hasOwn(clientSignals, message.type);
}
