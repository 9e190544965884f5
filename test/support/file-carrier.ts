// A program that uploads a file into PostgreSQL and downloads it again, both as streams, and prints by how many bytes its
// memory grew meanwhile. Its arguments are the database, the schema and the file's size.
import { createHash } from "node:crypto";
import { createManager } from "../../src/engine/create-manager.ts";
import { systemClock } from "../../src/engine/system-clock.ts";
import type { Manager } from "../../src/index.ts";
import { createPostgresStore } from "../../src/stores/postgres/index.ts";

const [url = "", schema = "", size = ""] = process.argv.slice(2);
const PIECE_BYTES = 65_536;
const WARM_UP_BYTES = 4_194_304;

async function* pieces(bytes: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += PIECE_BYTES)
    yield Buffer.alloc(Math.min(PIECE_BYTES, bytes - at), at / PIECE_BYTES);
}

async function carry(manager: Manager, bytes: number): Promise<void> {
  const file = { name: "large", mediaType: "application/octet-stream", maxBytes: bytes };
  const { id, sha256 } = await manager.files.upload(pieces(bytes), file);
  const hash = createHash("sha256");
  for await (const piece of (await manager.files.open(id)).read()) hash.update(piece);
  if (hash.digest("hex") !== sha256) throw new Error("What was read is not what was written.");
}

const options = { url, schema, connections: 2, listen: false, leaseThread: false, clock: systemClock };
const store = await createPostgresStore(options);
const manager = createManager({ store, fileStore: store.fileStore, jobs: [] });
// What is loaded and compiled once does not count.
await carry(manager, WARM_UP_BYTES);
const before = process.memoryUsage.rss();
let most = before;
const timer = setInterval(() => {
  most = Math.max(most, process.memoryUsage.rss());
}, 5);
await carry(manager, Number(size));
clearInterval(timer);
console.log(most - before);
await store.close();
