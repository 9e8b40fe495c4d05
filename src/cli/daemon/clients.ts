// What the daemon does, its clients, and a command that has a page, in one file, so that a bundle has it in one piece.
export { add } from "./add.js";
export { control } from "./control.js";
export { list } from "./list.js";
export { ui } from "./ui.js";
export { serve } from "./serve.js";
export { withPage } from "./withPage.js";
