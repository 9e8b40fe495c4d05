const t0=performance.now(); const c0=process.cpuUsage();
for (const m of process.argv.slice(2)) { const a=performance.now(); await import(m); console.log(m, (performance.now()-a).toFixed(0),"ms"); }
const c=process.cpuUsage(c0); console.log("total",(performance.now()-t0).toFixed(0), "cpu", ((c.user+c.system)/1000).toFixed(0));
