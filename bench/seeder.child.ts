/** Our loop's other end: serves a file as `tributary seed` does, and tells its parent the link. */
import { serveFiles } from "rx-tributary/node";

const [path = ""] = process.argv.slice(2);

serveFiles(path).subscribe((event) => {
  if (event.type === "file-served") process.send?.({ link: event.link });
});
process.on("disconnect", () => process.exit());
