import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, describe, expect } from "vitest";
import { closingServers, serveClosing } from "../../adapters/http/closingServers.js";
import { cleanUp } from "../../adapters/http/harness.js";
import { bundled } from "../bundled.js";
import { it } from "./harness.js";

const size = 2_500_000;
const program = bundled(new URL("../../../bench/servers/slowDisk.child.ts", import.meta.url));

afterEach(cleanUp);

describe.each(closingServers)("$name, which closes the connection behind each answer,", (server) => {
  it("A server that closes behind each answer has its file downloaded", async ({ lab }) => {
    const file = await lab.file(size);
    const { url } = await serveClosing(server, file.read(0, size));
    const get = lab.getBy(url);
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
  });

  it("A server that closes behind each answer has its file downloaded at a rate that is far below its own", async ({
    lab,
  }) => {
    const file = await lab.file(size);
    const { url } = await serveClosing(server, file.read(0, size));
    const get = lab.getBy(url, "--limit-rate", "1M");
    expect([await get.ended(), get.stderr]).toEqual([0, ""]);
    expect(await lab.isRight()).toBe(true);
  });

  it("A server that closes behind each answer has its file downloaded to a slow disk by a program that goes on to live", async ({
    lab,
  }) => {
    const file = await lab.file(size);
    const { url } = await serveClosing(server, file.read(0, size));
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program, url, lab.out, "40"]);
    expect([stdout, stderr]).toEqual(["still here: download-completed\n", ""]);
    expect(await lab.isRight()).toBe(true);
  });
});
