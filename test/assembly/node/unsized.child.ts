import { downloadFile } from "../../../src/node.js";

/** Downloads until it is killed. */
const [, , url = "", out = ""] = process.argv;
downloadFile(url, { out, catalogue: false }).subscribe();
