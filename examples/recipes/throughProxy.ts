import { env } from "node:process";
import { downloadFile } from "rx-tributary/node";

/** Downloads by way of a proxy. The variables of the environment are read when `downloadFile` is called. */
export function downloadThrough(proxy: string, url: string, dir: string): ReturnType<typeof downloadFile> {
  env["http_proxy"] = proxy; // for https:// too, where https_proxy names no other
  return downloadFile(url, { dir });
}
