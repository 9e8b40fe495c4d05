import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { describePage, newPage } from "../../chromium.js";
import { tempFolder } from "../../tempFolder.js";
import { startCli } from "../cli/runCli.js";
import { SeederProcess } from "../peers/SeederProcess.js";
import { PageUser } from "./PageUser.js";

describePage("the page of one download of a command", () => {
  /** A slow download with its page, which shows that it goes on. */
  const underWay = async () => {
    const folder = await tempFolder();
    const file = join(folder, "original");
    await writeFile(file, randomBytes(2 * 1024 * 1024));
    const seeder = await SeederProcess.start({ file, host: "127.0.0.2", chunkSize: 64 * 1024 });
    onTestFinished(() => seeder.kill());
    const cli = startCli(folder, ["get", seeder.link, "-o", "film", "--limit-rate", "50k", "--ui", "--no-open"]);
    const [, link = ""] = /its page: (\S+)/.exec(await cli.printed(/its page: \S+\n/)) ?? [];
    const page = await newPage();
    const user = new PageUser(page);
    await page.goto(link);
    await user.seesProgress("film");
    return { cli, page, user };
  };

  it("A download of get --ui waits while the page has it paused, goes on when the page resumes it, and the page says that the command has ended", async () => {
    const folder = await tempFolder();
    const file = join(folder, "original");
    await writeFile(file, randomBytes(2 * 1024 * 1024));
    const [seeder, liar] = await Promise.all([
      SeederProcess.start({ file, host: "127.0.0.2", chunkSize: 64 * 1024 }),
      SeederProcess.start({ file, host: "127.0.0.3", chunkSize: 64 * 1024, corrupt: true }),
    ]);
    onTestFinished(() => Promise.all([seeder.kill(), liar.kill()]).then(() => undefined));
    const words = ["get", seeder.link, liar.link, "-o", "film", "--limit-rate", "100k", "--ui", "--no-open"];
    const cli = startCli(folder, words);
    const [, link = ""] = /its page: (\S+)/.exec(await cli.printed(/its page: \S+\n/)) ?? [];
    const page = await newPage();
    const user = new PageUser(page);
    await page.goto(link);
    await user.seesProgress("film");
    await user.press("film", "Pause");
    await user.sees("film", "Paused");
    await page.reload();
    await user.press("film", "Resume");
    await page.getByRole("link", { name: "film" }).click();
    await user.hears(/already here$/);
    await user.limit("");
    await page.getByText("The command has ended").waitFor();
    await user.sees("film", "Done");
    expect((await cli.finished).code).toBe(0);
    expect((await readFile(join(folder, "film"))).equals(await readFile(file))).toBe(true);
  });

  it("A page whose command is interrupted shows the download as paused, and offers nothing more", async () => {
    const { cli, page, user } = await underWay();
    cli.child.kill("SIGINT");
    await page.getByText("The command has ended").waitFor();
    await user.sees("film", "Paused");
    expect((await cli.finished).code).toBe(130);
    await page.getByRole("button", { name: "Pause", exact: true }).waitFor({ state: "detached" });
  });

  it("A page that is cut off for a document that is too large goes on with the command, which runs on", async () => {
    const { cli, page, user } = await underWay();
    const again = page.waitForEvent("websocket");
    await user.drop("large.meta4", "<".repeat(5 * 1024 * 1024));
    await page.getByRole("dialog").getByRole("button", { name: /^Add/ }).click();
    await again;
    await page.keyboard.press("Escape");
    await user.press("film", "Pause");
    await user.sees("film", "Paused");
    await user.press("film", "Resume");
    await user.seesProgress("film");
    cli.child.kill("SIGKILL");
    await page.getByText("The command has ended").waitFor();
  });
});
