// `bulk-teams`: each row a team, and exactly this job's teams gone when it is undone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createFakeClock } from "../../src/testing/fake-clock.ts";
import { testOnEach } from "./on-each-database.ts";
import { startShippedJobs } from "./shipped-jobs.ts";
import { elapseUntilFinal } from "./support.ts";

const ALL = { limit: 100_000, after: null };
const csv = (...rows: readonly string[]) => `name,phone\n${rows.join("\n")}\n`;
const many = (count: number, prefix = "team") =>
  csv(...Array.from({ length: count }, (_, index) => `${prefix} ${index},${index}`));

testOnEach("each row becomes a team, with all its columns", async (start) => {
  const { data, run, upload } = await start();
  const job = await run("bulk-teams", { file: await upload(csv("Red,+44 1", '"Blue, green",')) });
  assert.equal(job.state, "succeeded", JSON.stringify(job.error));
  assert.deepEqual(job.output, { created: 2 });
  const teams = (await data.teams.teams(ALL)).map(({ at: _at, position: _position, ...team }) => team);
  assert.deepEqual(teams, [
    { name: "Red", values: { name: "Red", phone: "+44 1" }, jobId: job.id, line: 2 },
    { name: "Blue, green", values: { name: "Blue, green", phone: "" }, jobId: job.id, line: 3 },
  ]);
});

testOnEach("a row that is wrong undoes the whole job, and names the line", async (start) => {
  const { data, run, upload } = await start();
  const kept = await run("bulk-teams", { file: await upload(csv("Kept,1")) });
  const cases = [
    [csv("A,1", ",2"), "row_rejected", /^Line 3: the team has no name/],
    [csv("A,1", "B,2,3"), "row_rejected", /^Line 3: column/],
    [csv("A,1", `${"x".repeat(201)},2`), "row_rejected", /^Line 3: the name .* is longer than 200/],
    [csv("A,1", "A,2"), "name_taken", /^Line 3 names the team "A", which was made in line 2 of this file already/],
    [csv("A,1", "Kept,2"), "name_taken", new RegExp(`^Line 3 names the team "Kept", .* by the job ${kept.id}`)],
    ["title,phone\nA,1\n", "unknown_column", /no column "name".*"title", "phone"/],
  ] as const;
  for (const [content, code, message] of cases) {
    const job = await run("bulk-teams", { file: await upload(content) });
    assert.equal(job.error?.code, code);
    assert.match(job.error?.message ?? "", message);
    assert.equal(job.state, "rolled_back");
    assert.deepEqual(
      (await data.teams.teams(ALL)).map(({ name }) => name),
      ["Kept"],
    );
  }
});

testOnEach("a finished job can be undone, and done again", async (start) => {
  const { data, pawl, run, upload } = await start();
  const others = await run("bulk-teams", { file: await upload(many(3, "other")) });
  const job = await run("bulk-teams", { file: await upload(many(500)) });
  await pawl.manager.rollback(job.id, { reason: "wrong list" });
  const undone = await pawl.manager.waitUntil(job.id, "final");
  assert.equal(undone.state, "rolled_back", JSON.stringify(undone.error));
  assert.deepEqual([...new Set((await data.teams.teams(ALL)).map(({ jobId }) => jobId))], [others.id]);
  await pawl.manager.retry(job.id);
  const again = await pawl.manager.waitUntil(job.id, "final");
  assert.deepEqual([again.state, again.output], ["succeeded", { created: 500 }]);
  assert.equal((await data.teams.teams(ALL)).length, 503);
});

test("the undo can be paused and goes on where it was", async (t) => {
  const { data, pawl, run, upload } = await startShippedJobs(t);
  const job = await run("bulk-teams", { file: await upload(many(3_000)) });
  await pawl.manager.rollback(job.id);
  await pawl.manager.waitUntil(job.id, ["running", "final"]);
  await pawl.manager.pause(job.id);
  const paused = await pawl.manager.waitUntil(job.id, ["paused", "final"]);
  assert.deepEqual([paused.state, paused.phase], ["paused", "rollback"]);
  const left = (await data.teams.teams(ALL)).length;
  assert.ok(left > 0 && left <= 3_000);
  await pawl.manager.resume(job.id);
  assert.equal((await pawl.manager.waitUntil(job.id, "final")).state, "rolled_back");
  assert.deepEqual(await data.teams.teams(ALL), []);
});

testOnEach("a job that is paused, crashes and goes on makes each team once", async (start) => {
  const clock = createFakeClock(0);
  const { data, pawl, submit, upload } = await start({ clock });
  const { id } = await submit("bulk-teams", { file: await upload(many(2_000)), ratePerSecond: 5_000 });
  await pawl.manager.waitUntil(id, "running");
  await pawl.manager.pause(id);
  await pawl.manager.waitUntil(id, "paused");
  await pawl.manager.resume(id);
  await pawl.manager.waitUntil(id, "running");
  await pawl.crash();
  const done = await elapseUntilFinal(clock, pawl, id);
  assert.deepEqual([done.state, done.output], ["succeeded", { created: 2_000 }]);
  assert.equal((await data.teams.teams(ALL)).length, 2_000);
});
