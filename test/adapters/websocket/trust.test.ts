import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { dialNode } from "../../../src/adapters/websocket/dialNode.js";
import { memoryFile } from "../../seeder/memoryFile.js";
import { bytesOf, cleanUp, errorOf, peerAt, serve, wholeChunk } from "./harness.js";

const certificate = new URL("tls/cert.pem", import.meta.url);
const pem = (name: string) => readFileSync(new URL(`tls/${name}.pem`, import.meta.url), "utf8");
const file = await memoryFile(1000, 1000);
const whole = wholeChunk(file.manifest, 0);

/** The link of a seeder whose certificate nobody but itself has signed. */
const link = () => serve([file.source], {}, { tls: { cert: pem("cert"), key: pem("key") } }).link(file.manifest);

afterEach(async () => {
  vi.unstubAllEnvs();
  await cleanUp();
});

describe("the certificate of a seeder", () => {
  it("A seeder is trusted when the system trusts its authority, which SSL_CERT_FILE names", async () => {
    vi.stubEnv("SSL_CERT_FILE", fileURLToPath(certificate));
    const dial = dialNode();
    const at = await link();
    // The second one is dialled when the system's authorities are known.
    for (const peer of [peerAt(at, { dial }), peerAt(at, { dial })]) {
      expect((await bytesOf(peer.request(whole))).length).toBe(1000);
    }
  });

  it("A seeder whose authority neither Node nor the system knows is PEER_REJECTED", async () => {
    expect(await errorOf(peerAt(await link()).request(whole))).toMatchObject({ code: "PEER_REJECTED" });
  });

  it("A seeder that was given another authority than its own is not trusted for the system's sake", async () => {
    vi.stubEnv("SSL_CERT_FILE", fileURLToPath(certificate));
    const [other = ""] = rootCertificates;
    const peer = peerAt(await link(), { dial: dialNode({ ca: other }) });
    expect(await errorOf(peer.request(whole))).toMatchObject({ code: "PEER_REJECTED" });
  });
});
