import { afterAll, beforeAll, expect, it } from "vitest";
import { describePage, sharedBrowser } from "../../chromium.js";
import { PageStage } from "./PageStage.js";
import { PageUser } from "./PageUser.js";

const MiB = 1024 * 1024;

const metalink = (name: string): string =>
  `<metalink xmlns="urn:ietf:params:xml:ns:metalink"><file name="${name}"><size>9</size><url>http://127.0.0.9:1/f</url></file></metalink>`;

describePage("the page of the daemon, as a person uses it", () => {
  let stage: PageStage;
  let user: PageUser;

  beforeAll(async () => {
    stage = await PageStage.open(sharedBrowser);
    user = new PageUser(await stage.openPage());
  });
  afterAll(() => stage.close());

  it("A download in the page is switched, paused, resumed after a reload, retried when a seeder dies, and right", async () => {
    // The first chunk of the liar goes to another one; every other request of the moody one fails, and is retried when there is no other.
    const [liar, moody, mortal] = await stage.seed(MiB, { corrupt: true }, { failOneIn: 2 }, {});
    await user.limit("0.04");
    await user.add(`${liar?.link} ${moody?.link} ${mortal?.link}`, "film.mkv");
    await user.hears(/^Chunk \d+: switched from/);

    await user.press("film.mkv", "Pause");
    await user.sees("film.mkv", "Paused");
    await user.page.reload();
    await user.sees("film.mkv", "Paused");
    expect(user.page.url()).not.toContain("token");
    await user.press("film.mkv", "Resume");
    await user.hears(/already here$/);

    await mortal?.kill();
    await user.hears(/^Retrying chunk \d+ \(attempt 1\/3\)$/);
    await user.limit("");
    await user.sees("film.mkv", "Done");
    expect(await stage.isRight("film.mkv")).toBe(true);
    await user.page.getByRole("link", { name: "film.mkv" }).click();
    await user.page.getByText("Where the bytes went").waitFor();
  });

  it("A page whose daemon is killed says so, finds the next one by itself, and nothing is lost", async () => {
    const [seeder] = await stage.seed(2 * MiB, {});
    await user.limit("0.1");
    await user.add(seeder?.link ?? "", "waits.bin");
    await user.press("waits.bin", "Pause");
    await user.sees("waits.bin", "Paused");
    await user.add(seeder?.link ?? "", "runs.bin");
    await user.seesProgress("runs.bin");
    await stage.daemon.kill("SIGKILL");
    await user.page.getByText("No daemon: trying again").waitFor();
    await user.press("runs.bin", "Pause");
    await user.page.getByText("There is no connection to the daemon right now").waitFor();
    await stage.startAgain();
    await user.page.getByText("No daemon: trying again").waitFor({ state: "hidden" });
    await user.page.getByText("There is no connection to the daemon right now").waitFor({ state: "hidden" });
    await user.sees("waits.bin", "Paused");
    await user.limit("");
    await user.sees("runs.bin", "Done");
    expect(await stage.isRight("runs.bin")).toBe(true);
  });

  it("A Metalink that is chosen or dropped becomes a download, and leads to no address of this machine", async () => {
    await user.page.getByRole("button", { name: "Add …", exact: true }).click();
    const buffer = Buffer.from(metalink("chosen.iso"));
    await user.page.getByLabel("Or files").setInputFiles({ name: "a.meta4", mimeType: "application/xml", buffer });
    await user.confirm();
    await user.sees("chosen.iso", "Failed");
    await user.drop("b.meta4", metalink("dropped.iso"));
    await user.page.getByRole("dialog").getByText("b.meta4").waitFor();
    await user.confirm();
    await user.sees("dropped.iso", "Failed");
  });
});
