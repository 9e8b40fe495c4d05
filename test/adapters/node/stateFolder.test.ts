import { expect, it } from "vitest";
import { stateFolder } from "../../../src/adapters/node/stateFolder.js";

const home = (): string => "/home/ann";

it.each<[NodeJS.Platform, NodeJS.ProcessEnv, string]>([
  ["linux", {}, "/home/ann/.local/state/tributary"],
  ["linux", { XDG_STATE_HOME: "/data/state" }, "/data/state/tributary"],
  ["linux", { XDG_STATE_HOME: "state" }, "/home/ann/.local/state/tributary"],
  ["linux", { XDG_STATE_HOME: "" }, "/home/ann/.local/state/tributary"],
  ["freebsd", {}, "/home/ann/.local/state/tributary"],
  ["darwin", { XDG_STATE_HOME: "/data/state" }, "/home/ann/Library/Application Support/tributary"],
  ["win32", {}, "/home/ann/AppData/Local/tributary"],
  ["win32", { LOCALAPPDATA: "/local" }, "/local/tributary"],
  ["darwin", { TRIBUTARY_STATE: "/mine" }, "/mine"],
  ["linux", { TRIBUTARY_STATE: "", XDG_STATE_HOME: "/data/state" }, "/data/state/tributary"],
])("The state of a user on %s with %j is in %s", (platform, env, folder) => {
  expect(stateFolder({ platform, env, home })).toBe(folder);
});
