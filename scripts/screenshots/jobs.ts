// The jobs of an ordinary morning: some run, one rests, one failed, one was stopped and undone.
import { type Client, createClient } from "../../src/client/index.ts";

export interface Made {
  readonly url: string;
  /** An admin's. */
  readonly token: string;
  readonly ids: Readonly<Record<"running" | "rolledBack" | "failed" | "exported", string>>;
  /** A file whose columns are swapped. */
  readonly csv: string;
}

const ROWS = 100_000;
const NAMES = ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Edsger Dijkstra", "Barbara Liskov", "Tony Hoare"];
const TOWNS = ["London", "Wilmslow", "New York", "Rotterdam", "Los Angeles", "Colombo"];

const two = (n: number) => String(n).padStart(2, "0");
const birthday = (n: number) => `19${two(50 + (n % 49))}-${two(1 + (n % 12))}-${two(1 + (n % 28))}`;
const phone = (n: number) => `+44 20 7946 ${String(n % 10_000).padStart(4, "0")}`;
const person = (n: number) => `${n},${NAMES[n % NAMES.length]},person${n}@example.com,${TOWNS[n % TOWNS.length]}`;

const people = (rows: number) =>
  `id,name,email,town\n${Array.from({ length: rows }, (_, n) => `${person(n + 1)}\n`).join("")}`;
const swapped = (rows: number) =>
  `name,phone,birthday\n${Array.from({ length: rows }, (_, n) => `${NAMES[n % NAMES.length]},${birthday(n)},${phone(n)}\n`).join("")}`;

/** Signs in as Dana, makes the jobs, and waits until they stand as they are shown. */
export async function makeJobs(url: string): Promise<Made> {
  const { token } = await createClient({ url }).access.createToken({ name: "dana", scope: "admin", expiresInMs: null });
  const client = createClient({ url, token });
  await client.access.createToken({ name: "reporting", scope: "operate", expiresInMs: 30 * 86_400_000 });
  await others(client);
  const made = await imports(client);
  return { url, token, csv: swapped(40), ids: made };
}

async function imports(client: Client): Promise<Made["ids"]> {
  const file = async (text: string, name: string) =>
    (await client.files.upload(new File([text], name, { type: "text/csv" }))).id;
  const submit = async (key: string, dataset: string, text: string, more: object = {}) => {
    const input = { file: await file(text, `${key}.csv`), dataset, ...more };
    return (await client.submit({ type: "csv-import", key, input, labels: { team: "sales" } })).id;
  };
  const first = await submit("people-2026-10", "people", people(2_400));
  await client.waitUntil(first, "succeeded");
  const failed = await submit("people-2026-11", "people", "id,name,mail\n1,Ada,ada@example.com\n");
  await client.waitUntil(failed, "final");
  const running = await submit("invoices-2026-11", "invoices", people(ROWS), { ratePerSecond: 250 });
  const rolledBack = await submit("contacts-2026-11", "contacts", swapped(ROWS), { ratePerSecond: 1_500 });
  await moved(client, rolledBack, 1_000);
  await client.pause(rolledBack, { reason: "is the file right?" });
  await client.waitUntil(rolledBack, "paused");
  await client.resume(rolledBack);
  await moved(client, rolledBack, 3_000);
  await client.cancel(rolledBack, { reason: "phone and birthday were swapped", rollback: true });
  await client.waitUntil(rolledBack, "rolled_back");
  const exported = await client.submit({
    type: "data-export",
    key: "people-for-finance",
    input: { dataset: "people" },
  });
  await client.waitUntil(exported.id, "succeeded");
  return { running, rolledBack, failed, exported: exported.id };
}

/** Waits until so many rows were read. */
async function moved(client: Client, id: string, rows: number): Promise<void> {
  for await (const event of client.follow(id)) {
    if (event.kind === "job" && event.job.progress.done >= rows) return;
  }
}

async function others(client: Client): Promise<void> {
  const simple = (key: string, input: object, more: object = {}) =>
    client.submit({ type: "simple", key, input, ...more });
  for (let n = 1; n <= 24; n += 1) await simple(`thumbnail-${two(n)}`, { steps: 5, stepMs: 10 });
  await simple("reindex-customers", { steps: 400, stepMs: 250 });
  const paused = await simple("archive-2019", { steps: 5_000, stepMs: 50 });
  await client.waitUntil(paused.id, "running");
  await client.pause(paused.id, { reason: "after office hours" });
  const cancelled = await simple("archive-2018", { steps: 5_000, stepMs: 50 });
  await client.waitUntil(cancelled.id, "running");
  await client.cancel(cancelled.id, { reason: "kept for the auditors", rollback: false });
  await client.submit({ type: "ticker", key: "heartbeat", input: { intervalMs: 1_000 } });
  await simple("new-year-letters", { steps: 10 }, { availableAt: "2099-01-01T08:00:00.000Z" });
  await client.queues.pause("reports", { reason: "the printer is out of paper" });
  for (const day of ["monday", "tuesday", "wednesday"])
    await simple(`report-${day}`, { steps: 3 }, { queue: "reports" });
  await client.queues.edit("mail", { concurrency: 4, rateLimit: { max: 100, perMs: 60_000 } });
  const schedule = { type: "ticker", input: { times: 3 }, timeZone: "Europe/Berlin" };
  await client.schedules.create({ name: "nightly-report", cron: "30 2 * * *", ...schedule });
  await client.schedules.create({ name: "weekday-digest", cron: "0 8 * * 1-5", ...schedule, overlap: "queue" });
  for (const { id } of [paused, cancelled]) await client.waitUntil(id, ["paused", "cancelled"]);
}
