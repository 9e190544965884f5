// What other processes are sent, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { JobChange, Notice } from "../../ports/notifier.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createAnnouncer } from "./announcer.ts";
import { pack, unpack } from "./notices.ts";

const change = (id: string, state: JobChange["state"] = "running"): JobChange => ({
  id,
  type: "noop",
  queue: "default",
  state,
  phase: "forward",
});
const changed = (...jobs: readonly JobChange[]): Notice => ({ kind: "changed", jobs });
const pause: Notice = { kind: "control", workerId: "w", jobId: "j", token: 1, action: "pause" };
const work = (inMs: number): Notice => ({ kind: "work", inMs });

/** An announcer whose sends are answered by hand. */
function announcing() {
  const clock = createFakeClock(0);
  const sent: Notice[][] = [];
  const answers: PromiseWithResolvers<void>[] = [];
  let arrived = Promise.withResolvers<void>();
  const announcer = createAnnouncer({
    clock,
    sender: "me",
    send(payloads) {
      sent.push(payloads.flatMap((payload) => unpack(payload).notices));
      const answer = Promise.withResolvers<void>();
      answers.push(answer);
      arrived.resolve();
      arrived = Promise.withResolvers();
      return answer.promise;
    },
  });
  return {
    clock,
    announce: announcer.announce,
    /** The next send. */
    async next(): Promise<readonly Notice[]> {
      if (sent.length === 0) await arrived.promise;
      return sent.shift() ?? [];
    },
    /** All turns that a send takes, and more. */
    async settle(): Promise<readonly Notice[][]> {
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      return sent.splice(0);
    },
    answer: () => answers.shift()?.resolve(),
    /** Answers, and lets the time pass until the next send. */
    async answerAndWait(): Promise<void> {
      answers.shift()?.resolve();
      for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      clock.advance(10);
    },
    fail: () => answers.shift()?.reject(new Error("away")),
  };
}

test("what one turn publishes goes in one send: requests first, work at the earliest, each job once", async () => {
  const { announce, next } = announcing();
  announce(changed(change("a", "queued"), change("b")));
  announce(work(500));
  announce({ kind: "logged", jobIds: ["a", "a"] });
  announce(work(20));
  announce(changed(change("a")));
  announce(pause);
  assert.deepEqual(await next(), [
    pause,
    work(20),
    changed(change("a"), change("b")),
    { kind: "logged", jobIds: ["a"] },
  ]);
});

test("what is published while a send is under way goes together in the next one", async () => {
  const { announce, next, settle, answerAndWait } = announcing();
  announce(work(0));
  await next();
  announce(changed(change("a")));
  announce(pause);
  assert.deepEqual(await settle(), []);
  announce(changed(change("b")));
  await answerAndWait();
  assert.deepEqual(await next(), [pause, changed(change("a"), change("b"))]);
});

test("however much there is to say, sends are far apart, and a request comes in between", async () => {
  const { announce, next, settle, answer, clock } = announcing();
  announce(work(0));
  await next();
  answer();
  await settle();
  announce(work(0));
  announce(changed(change("a")));
  announce(work(0));
  clock.advance(9);
  assert.deepEqual(await settle(), []);
  clock.advance(1);
  assert.deepEqual(await settle(), [[work(0), changed(change("a"))]]);
  answer();
  await settle();
  announce(work(0));
  assert.deepEqual(await settle(), []);
  announce(pause);
  assert.deepEqual(await settle(), [[pause, work(0)]]);
});

test("a job that only gets on is told of now and then, one that becomes something else at once", async () => {
  const { announce, next, settle, answer, answerAndWait, clock } = announcing();
  announce(changed(change("a")));
  announce({ kind: "logged", jobIds: ["a"] });
  await next();
  await answerAndWait();
  announce(changed(change("a")));
  announce({ kind: "logged", jobIds: ["a"] });
  assert.deepEqual(await settle(), []);
  announce(changed(change("a", "paused")));
  assert.deepEqual(await settle(), [[changed(change("a", "paused"))]]);
  answer();
  await settle();
  clock.advance(250);
  assert.deepEqual(await settle(), [[{ kind: "logged", jobIds: ["a"] }]]);
});

test("instead of very many changes a resync is sent, once a second, and requests meanwhile", async () => {
  const { announce, settle, answer, clock } = announcing();
  const flood = () => announce(changed(...Array.from({ length: 1_000 }, (_, index) => change(`job ${index}`))));
  const resync: Notice = { kind: "resync" };
  flood();
  assert.deepEqual(await settle(), [[resync]]);
  answer();
  await settle();
  flood();
  assert.deepEqual(await settle(), []);
  announce(pause);
  assert.deepEqual(await settle(), [[pause]]);
  answer();
  await settle();
  clock.advance(1_000);
  assert.deepEqual(await settle(), [[resync]]);
});

test("what could not be sent is made up for by a resync", async () => {
  const { announce, next, settle, fail, clock } = announcing();
  announce(pause);
  await next();
  fail();
  assert.deepEqual(await settle(), []);
  clock.advance(1_000);
  assert.deepEqual(await next(), [{ kind: "resync" }]);
});

test("payloads are smaller than the server takes, and say what they were made of", () => {
  const notices: readonly Notice[] = [
    pause,
    work(7),
    changed(...Array.from({ length: 300 }, (_, index) => change(`${index} ${"ü".repeat(30)}`))),
    changed({ ...change("gone", "succeeded"), removed: true }),
    { kind: "logged", jobIds: ["a", "b"] },
    { kind: "resync" },
  ];
  const payloads = pack("me", notices);
  assert.ok(payloads.length > 1);
  for (const payload of payloads) assert.ok(Buffer.byteLength(payload) < 8_000);
  const heard = payloads.map(unpack);
  assert.ok(heard.every(({ sender }) => sender === "me"));
  const jobs = (of: readonly Notice[]) => of.flatMap((notice) => (notice.kind === "changed" ? notice.jobs : []));
  const others = (of: readonly Notice[]) => of.filter(({ kind }) => kind !== "changed").map((notice) => notice.kind);
  assert.deepEqual(jobs(heard.flatMap((one) => one.notices)), jobs(notices));
  assert.deepEqual(others(heard.flatMap((one) => one.notices)).sort(), others(notices).sort());
});

test("a payload that is not understood counts as missed", () => {
  for (const payload of ["", "{", '["me",1]', '["me",["j","id"]]', '["me",["z"]]']) {
    assert.deepEqual(unpack(payload).notices, [{ kind: "resync" }], payload);
  }
});
