import { once } from "node:events";
import { type AddressInfo, connect, createServer, isIP, type Socket } from "node:net";
import { atEnd } from "./harness.js";

interface SocksProxy {
  /** `host:port`. */
  readonly host: string;
  /** Where it was asked to lead, and who asked: `user@host:port`, with `name:` before a host that it has to look up. */
  readonly seen: string[];
}

/** A proxy that speaks SOCKS 4, 4a and 5 (RFC 1928, 1929) as far as clients need it; `reply` is what it says to a wish in place of granting it. */
export async function socksProxy({
  reply = 0,
  password,
}: { reply?: number; password?: string } = {}): Promise<SocksProxy> {
  const seen: string[] = [];
  const server = createServer((client) => {
    client.on("error", () => undefined);
    void serve(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd(() => server.close());
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, seen };

  async function serve(client: Socket): Promise<void> {
    const first = await said(client);
    if (first[0] === 4) {
      await serveFour(client, first);
      return;
    }
    let user = "";
    client.write(Buffer.from([5, password === undefined ? 0 : 2]));
    if (password !== undefined) {
      const secrets = await said(client);
      const length = secrets[1] ?? 0;
      user = `${secrets.subarray(2, 2 + length).toString()}@`;
      const isRight = secrets.subarray(3 + length).toString() === password;
      client.write(Buffer.from([1, isRight ? 0 : 1]));
      if (!isRight) return;
    }
    const wish = await said(client);
    const [, , , kind] = wish;
    const length = wish[4] ?? 0;
    const [host, at] =
      kind === 1 ? [wish.subarray(4, 8).join("."), 8] : [wish.subarray(5, 5 + length).toString(), 5 + length];
    const port = wish.readUInt16BE(at);
    seen.push(`${user}${kind === 3 ? "name:" : ""}${host}:${port}`);
    client.write(Buffer.from([5, reply, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (reply === 0) join(client, host, port);
  }

  async function serveFour(client: Socket, wish: Buffer): Promise<void> {
    const port = wish.readUInt16BE(2);
    const [user = "", name = ""] = wish.subarray(8).toString().split("\0");
    const host = name === "" ? wish.subarray(4, 8).join(".") : name;
    seen.push(`${user === "" ? "" : `${user}@`}${name === "" ? "" : "name:"}${host}:${port}`);
    client.write(Buffer.from([0, reply === 0 ? 90 : 91, 0, 0, 0, 0, 0, 0]));
    if (reply === 0) join(client, host, port);
    await Promise.resolve();
  }
}

async function said(client: Socket): Promise<Buffer> {
  const [bytes] = (await once(client, "data")) as [Buffer];
  return bytes;
}

function join(client: Socket, host: string, port: number): void {
  const target = connect(port, isIP(host) === 0 ? "127.0.0.1" : host);
  target.on("error", () => undefined);
  target.pipe(client).pipe(target);
  client.on("close", () => target.destroy());
}
