// A thread that ends this process, and all that it started, as soon as the process that started it is gone: a job's code may
// keep the main thread busy for ever. The kernel closes the pipe, however that process dies.
import { Socket } from "node:net";
import { endOwnGroup } from "./own-group.ts";
import { PARENT_PIPE } from "./protocol.ts";

const pipe = new Socket({ fd: PARENT_PIPE, readable: true, writable: false });
pipe.on("close", endOwnGroup);
pipe.on("error", () => {});
pipe.resume();
