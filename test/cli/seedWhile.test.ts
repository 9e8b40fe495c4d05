import { Subject } from "rxjs";
import { expect, it } from "vitest";
import { seedWhile } from "../../src/cli/seedWhile.js";
import { SharedFiles } from "../../src/seeder/SharedFiles.js";
import { memoryFile } from "../seeder/memoryFile.js";

const { source } = await memoryFile(10, 10);

/** Files of which one is here, and the rest when `finish` is called. */
function seeding() {
  const shared = new SharedFiles();
  shared.add(Object.assign(source, { close: () => undefined }));
  const interrupted = new Subject<void>();
  let finish: () => void = () => undefined;
  const begun = new Subject<void>();
  const downloads = (): Promise<void> =>
    new Promise((resolve) => {
      finish = resolve;
      begun.next();
    });
  let isOver = false;
  const over = seedWhile(downloads, { shared, seeding: {}, interrupted, quiet: true, pathOf: () => undefined }).then(
    () => (isOver = true),
  );
  return { begun, interrupted, finish: () => finish(), over, isOver: () => isOver };
}

it("An interrupt while files are downloaded ends the serving with them, also of those that are whole", async () => {
  const { begun, interrupted, finish, over } = seeding();
  begun.subscribe(() => {
    interrupted.next();
    finish();
  });
  await expect(over).resolves.toBe(true);
});

it("An interrupt after the downloads ends the serving, which goes on until then", async () => {
  const { begun, interrupted, finish, over, isOver } = seeding();
  const served = new Promise<void>((resolve) => {
    begun.subscribe(() => {
      finish();
      setImmediate(resolve);
    });
  });
  await served;
  expect(isOver()).toBe(false);
  interrupted.next();
  await expect(over).resolves.toBe(true);
});
