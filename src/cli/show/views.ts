// The views of a terminal, in one file, so that a bundle has them in one piece.
export { showListLive } from "./showListLive.js";
export { showLive } from "./showLive.js";
