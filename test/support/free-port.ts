// A port for a program that cannot be told to take any: below those that the system gives out, so that no other test that
// asks for any gets it meanwhile.
import { once } from "node:events";
import { createServer } from "node:net";

const LOWEST = 20_000;
const HIGHEST = 29_999;

export async function freePort(): Promise<number> {
  const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
  const server = createServer();
  const free = once(server, "listening").then(
    () => true,
    () => false,
  );
  server.listen(port, "127.0.0.1");
  if (!(await free)) return freePort();
  server.close();
  await once(server, "close");
  return port;
}
