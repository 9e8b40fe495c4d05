import { lastValueFrom } from "rxjs";
import { connectNode } from "../../../src/adapters/http/connectNode.js";
import { HttpPeer } from "../../../src/adapters/http/HttpPeer.js";
import { rangeOf } from "./harness.js";
import { partOf } from "./reading.js";

const peer = new HttpPeer(process.argv[2] ?? "", { connect: connectNode() });
await lastValueFrom(peer.request(rangeOf(0, 10)));
await partOf(peer, 0, 5000);
peer.renew();
peer.close();
peer.close();
