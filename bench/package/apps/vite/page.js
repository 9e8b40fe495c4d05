import { downloadToBlob, initialState, percentOf, reduce } from "rx-tributary/browser";
import { merge, scan, share, tap } from "rxjs";

const bar = document.querySelector("progress");
const link = document.querySelector("a");
const download = downloadToBlob([new URL("file.bin", location.href).href]).pipe(share());
const states = download.pipe(
  scan(reduce, initialState),
  tap((state) => bar.setAttribute("value", String((percentOf(state) ?? 0) / 100))),
);
const file = download.pipe(
  tap((event) => {
    if (event.type === "download-completed") link.href = URL.createObjectURL(event.blob);
  }),
);
merge(states, file).subscribe({ error: ({ message }) => (document.querySelector("#failed").textContent = message) });
