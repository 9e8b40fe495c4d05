/** Answers the parent's question for the CPU time of this process, and ends with it. */
export function tellCpu(): void {
  process.on("message", ({ type }: { readonly type: string }) => {
    if (type !== "cpu") return;
    const { user, system } = process.cpuUsage();
    process.send?.({ type: "cpu", cpuSeconds: (user + system) / 1e6 });
  });
  process.on("disconnect", () => process.exit());
}
