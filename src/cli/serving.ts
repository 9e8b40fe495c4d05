// Commands that serve, in one file, so that a bundle has what they share in one piece: a program that may open few files reads all parts at once.
export { seed } from "./seed.js";
export { seedWhile } from "./seedWhile.js";
