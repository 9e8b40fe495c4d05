import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** The origin of a server that passes requests on to another one, and takes as long to each answer as one far away does. */
export async function farOrigin(
  origin: string,
  delayMs: number,
): Promise<{ readonly origin: string; readonly stop: () => void }> {
  const agent = new Agent({ keepAlive: true });
  const server = createServer(({ method, url = "/", headers }, answer) => {
    const passed = request(new URL(url, origin), { method, headers, agent }, (came) => {
      setTimeout(() => {
        answer.writeHead(came.statusCode ?? 502, came.headers);
        came.pipe(answer);
      }, delayMs);
    });
    passed.on("error", () => answer.destroy());
    passed.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    agent.destroy();
  };
  return { origin: `http://127.0.0.1:${port}`, stop };
}
