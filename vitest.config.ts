import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/stateFolder.setup.ts", "test/seed.setup.ts", "test/bytes.setup.ts"],
    // Many tests wait for processes and sockets rather than for the processor.
    maxWorkers: 4,
    // Tests share no state but what they undo, and loading every module anew for each file is most of its time.
    isolate: false,
    // For what never ends: no test depends on how long anything takes.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 150_000 } },
    coverage: {
      provider: "v8",
      include: [
        "operators/**/*.ts",
        "src/{manifest,errors,peers,storage,transfer,download,discovery,protocol,seeder,testing,tools}/**/*.ts",
      ],
      reporter: ["text-summary", "json"],
      thresholds: {
        lines: 95,
        branches: 95,
        "src/discovery/**": { lines: 95, branches: 95 },
        "src/tools/**": { lines: 95, branches: 95 },
      },
    },
  },
});
