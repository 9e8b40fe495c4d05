import { downloadToBlob, initialState, percentOf, reduce } from "rx-tributary/browser";
import { scan } from "rxjs";

const bar = document.querySelector("progress");
const states = downloadToBlob([new URL("file.bin", location.href).href]).pipe(scan(reduce, initialState));
states.subscribe((state) => bar.setAttribute("value", String((percentOf(state) ?? 0) / 100)));
