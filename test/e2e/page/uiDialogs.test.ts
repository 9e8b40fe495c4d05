import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describePage, sharedBrowser } from "../../chromium.js";
import { PageStage } from "./PageStage.js";
import { PageUser } from "./PageUser.js";

describePage("the dialogs of the daemon's page", () => {
  let stage: PageStage;
  let user: PageUser;
  let page: Page;

  beforeAll(async () => {
    stage = await PageStage.open(sharedBrowser);
    page = await stage.openPage();
    user = new PageUser(page);
  });
  afterAll(() => stage.close());

  it("A download that cannot be added is told of once, in the dialog, which can be used again, and leaves with it", async () => {
    const wrong = page.getByText('the folder is "films"; it must be an absolute path');
    await page.getByRole("button", { name: "Add …", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Addresses, links or roots").fill("http://127.0.0.9:1/f");
    await dialog.getByLabel("Folder").fill("films");
    await dialog.getByRole("button", { name: /^Add/ }).click();
    await dialog.getByRole("alert").and(wrong).waitFor();
    expect(await wrong.count()).toBe(1);
    await page.keyboard.press("Escape");
    // A dialog that is closed has no role any more, and leaves a moment later.
    await wrong.waitFor({ state: "detached" });
  });

  it("A file that cannot be read any more is told of in the dialog, which can be used again", async () => {
    await page.evaluate(() => {
      File.prototype.text = () => Promise.reject(new DOMException("the file is gone", "NotFoundError"));
    });
    await user.drop("list.txt", "http://127.0.0.9:1/f");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: /^Add/ }).click();
    await dialog.getByRole("alert").getByText("the file is gone").waitFor();
    await dialog.getByRole("button", { name: /^Add/, disabled: false }).waitFor();
    await page.reload();
  });

  it("A download that is in the list already is opened, and told to be there", async () => {
    const [seeder] = await stage.seed(2 * 1024 * 1024, {});
    await user.limit("0.05");
    await user.add(seeder?.link ?? "", "twice.bin");
    await user.seesProgress("twice.bin");
    await page.getByRole("link", { name: "Back to the list" }).click();
    await user.add(seeder?.link ?? "", "twice.bin");
    await page.getByRole("status").getByText("twice.bin is in the list already (downloading).").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    expect(await user.row("twice.bin").count()).toBe(1);
    await user.press("twice.bin", "Pause");
  });

  it("The question of a cancel is a dialog: Escape leaves the download alone and the focus where it was, an answer stops it", async () => {
    const [seeder] = await stage.seed(2 * 1024 * 1024, {});
    await user.limit("0.05");
    await user.add(seeder?.link ?? "", "asked.bin");
    await user.seesProgress("asked.bin");
    const ask = page.getByRole("button", { name: "Cancel …" });
    const dialog = page.getByRole("dialog", { name: "Cancel asked.bin?" });
    await ask.focus();
    await page.keyboard.press("Enter");
    await dialog.getByRole("button", { name: "Keep what is here" }).and(page.locator(":focus")).waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await ask.and(page.locator(":focus")).waitFor();
    await user.sees("asked.bin", "Downloading");
    await page.keyboard.press("Enter");
    await dialog.waitFor();
    await page.keyboard.press("Enter");
    await user.sees("asked.bin", "Cancelled");
    await dialog.waitFor({ state: "detached" });
    await page.getByRole("heading", { name: "asked.bin" }).and(page.locator(":focus")).waitFor();
  });
});
