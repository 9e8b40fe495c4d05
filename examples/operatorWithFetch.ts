/** The operator alone, without a download: `fetch`, two plain HTTP mirrors, the first of them out of order. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { RetryEvent } from "rx-tributary/operators";
import { exponentialBackoff, retryWithPeerSwitch } from "rx-tributary/operators";
import { lastValueFrom, of, throwError } from "rxjs";
import { fromFetch } from "rxjs/fetch";

async function mirror(host: string, status: number, body: string) {
  const server = createServer((_request, response) => void response.writeHead(status).end(body)).listen(0, host);
  await once(server, "listening");
  return { server, url: `http://${host}:${(server.address() as AddressInfo).port}/file` };
}

const broken = await mirror("127.0.0.1", 503, "come back later");
const healthy = await mirror("127.0.0.2", 200, "hello from the second mirror");

const describe = (event: RetryEvent<string>): string | undefined => {
  if (event.type === "retry") return `retry ${event.retry}/${event.maxRetries} in ${event.delayMs} ms`;
  if (event.type === "switch") return `switched after ${event.reason}`;
  return undefined;
};

const text = of([broken.url, healthy.url]).pipe(
  retryWithPeerSwitch(
    (url) => fromFetch(url, { selector: (r) => (r.ok ? r.text() : throwError(() => new Error(`HTTP ${r.status}`))) }),
    {
      backoff: exponentialBackoff({ initialMs: 20 }),
      onEvent: (event) => describe(event) !== undefined && console.log(describe(event)),
    },
  ),
);
console.log(await lastValueFrom(text));
for (const { server } of [broken, healthy]) server.close();
