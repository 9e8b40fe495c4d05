import { expect, it } from "vitest";
import { neededPageFolder, pageFolder } from "../../../src/cli/daemon/pageFolder.js";
import { ui } from "../../../src/cli/daemon/ui.js";
import { withPage } from "../../../src/cli/daemon/withPage.js";

// These tests are run by a program that has no page beside it.
const noPage = /^the page is not there: .*web has no index\.html; npm run build makes it in a clone/;

it("A page that is not built is told as such, with what to do, before anything is begun or a link is printed", async () => {
  expect(pageFolder()).toBeUndefined();
  expect(() => neededPageFolder()).toThrow(noPage);
  expect(() => withPage([{ sources: ["http://127.0.0.1:9/a"] }], {}, { open: false })).toThrow(noPage);
  await expect(ui({ open: false })).rejects.toMatchObject({
    code: "LOCAL_IO",
    message: expect.stringMatching(noPage) as string,
  });
});
