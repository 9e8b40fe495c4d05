/** Downloads `argv[2]` to `argv[3]`, unsubscribes at the tenth chunk, says so, and has nothing else to do. */
import { downloadFile } from "rx-tributary/node";

const [, , link = "", out = ""] = process.argv;
let chunks = 0;
const download = downloadFile(link, { out }).subscribe((event) => {
  if (event.type !== "chunk-verified" || ++chunks !== 10) return;
  download.unsubscribe();
  console.log("unsubscribed");
});
