/** Simulates the crowd that it is given, as JSON, and prints what became of it. */
import { simulateCrowd, type Crowd } from "./simulateCrowd.js";

const [crowd = "{}"] = process.argv.slice(2);
console.log(JSON.stringify(simulateCrowd(JSON.parse(crowd) as Crowd)));
