// The file index, and jobs that go with all that they have.
import { deepEqual, equal } from "node:assert/strict";
import { UNFINISHED_STATES } from "../../domain/lifecycle.ts";
import { kindsOf, NEWEST, one, PLENTY, type Register } from "./context.ts";
import { drive, newId, newJob, reach } from "./store-driver.ts";

const file = (changes = {}) => ({
  id: newId(),
  jobId: null,
  kind: "upload" as const,
  name: "a.csv",
  mediaType: "text/csv",
  size: 3,
  sha256: "ab",
  ...changes,
});

export function fileTests(test: Register): void {
  indexTests(test);
  sumTests(test);
}

function indexTests(test: Register): void {
  test("an upload belongs to the job that is submitted with it", async ({ store }) => {
    const [mine, free] = [file(), file()];
    await store.files.insertFile(mine);
    await store.files.insertFile(free);
    const job = newJob({ fileIds: [mine.id, newId()] });
    await store.jobs.insert([job, newJob()]);
    const found = new Map((await store.files.getFiles([mine.id, free.id, newId()])).map((entry) => [entry.id, entry]));
    deepEqual([found.size, found.get(mine.id)?.jobId, found.get(free.id)?.jobId], [2, job.id, null]);
    deepEqual({ ...found.get(free.id), createdAt: 0 }, { ...free, createdAt: 0 });
    await store.files.removeFiles([free.id]);
    deepEqual(await store.files.getFiles([free.id]), []);
  });

  test("an upload that two jobs use stays until the last of them is removed", async ({ store }) => {
    const upload = file();
    await store.files.insertFile(upload);
    const [first, second] = [
      await drive(store, { fileIds: [upload.id] }),
      await drive(store, { fileIds: [upload.id] }),
    ];
    await first.control("cancel");
    await second.control("cancel");
    deepEqual(await store.jobs.remove(second.id, { force: false }), { kind: "removed", fileIds: [] });
    equal(one(await store.files.getFiles([upload.id])).jobId, first.id);
    deepEqual(await store.jobs.remove(first.id, { force: false }), { kind: "removed", fileIds: [upload.id] });
  });

  test("a refused job takes no files", async ({ store }) => {
    const upload = file();
    await store.files.insertFile(upload);
    await store.jobs.insert([newJob({ key: "k" }), newJob({ key: "k", fileIds: [upload.id] })]);
    equal(one(await store.files.getFiles([upload.id])).jobId, null);
  });

  test("an artifact shows in its job, and a newer one of the same name replaces it", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const artifact = (id: string, name: string) => ({ id, name, mediaType: "text/csv", size: 3, sha256: "ab" });
    const [a, b, c] = [newId(), newId(), newId()];
    deepEqual(await store.files.insertArtifact(driver.lease(), artifact(a, "out.csv")), {
      lost: false,
      replaced: [],
    });
    deepEqual(await store.files.insertArtifact(driver.lease(), artifact(b, "log.txt")), {
      lost: false,
      replaced: [],
    });
    deepEqual(await store.files.insertArtifact(driver.lease(), artifact(c, "out.csv")), { lost: false, replaced: [a] });
    const { artifacts } = await driver.record();
    deepEqual(artifacts.map((entry) => [entry.name, entry.fileId]).sort(), [
      ["log.txt", b],
      ["out.csv", c],
    ]);
    deepEqual(
      artifacts.find((entry) => entry.fileId === c),
      {
        name: "out.csv",
        size: 3,
        sha256: "ab",
        mediaType: "text/csv",
        fileId: c,
      },
    );
    deepEqual(await store.files.getFiles([a]), []);
    const stored = one(await store.files.getFiles([c]));
    deepEqual([stored.jobId, stored.kind], [driver.id, "artifact"]);
  });

  test("a removed job goes with all that it has, and names its files", async ({ store }) => {
    const upload = file();
    await store.files.insertFile(upload);
    const driver = await drive(store, { fileIds: [upload.id], labels: { a: "b" }, input: "x".repeat(5_000), key: "k" });
    await driver.claim();
    const artifact = { id: newId(), name: "out", mediaType: "text/plain", size: 1, sha256: "00" };
    await store.files.insertArtifact(driver.lease(), artifact);
    const line = { ...driver.lease(), at: 1, level: "info", message: "m", fields: null } as const;
    await store.logs.appendLogs([line], { keep: 10 });
    deepEqual(await store.jobs.remove(driver.id, { force: true }), { kind: "refused", job: await driver.record() });
    await driver.settle("succeed");
    const result = await store.jobs.remove(driver.id, { force: false });
    deepEqual(
      [result.kind, result.kind === "removed" && [...result.fileIds].sort()],
      ["removed", [upload.id, artifact.id].sort()],
    );
    deepEqual(await store.jobs.get([driver.id]), []);
    deepEqual(await store.files.getFiles([upload.id, artifact.id]), []);
    deepEqual([await kindsOf(store, driver.id), await store.logs.logs(driver.id, PLENTY)], [[], []]);
    deepEqual(await store.jobs.list({ ...NEWEST, label: "a:b" }), []);
    deepEqual(await store.jobs.remove(driver.id, { force: false }), { kind: "missing" });
    equal(one(await store.jobs.insert([newJob({ key: "k" })])).kind, "inserted");
  });

  test("a removed job leaves nothing to the next one", async ({ store }) => {
    const driver = await drive(store, { input: "y".repeat(5_000) });
    await driver.control("cancel");
    await store.jobs.remove(driver.id, { force: false });
    const next = await drive(store, { input: "small" });
    deepEqual([(await next.record()).input, await kindsOf(store, next.id)], ["small", ["submit"]]);
  });

  test("no unfinished job is removed, and a failed rollback only by force", async ({ store }) => {
    const traits = { canRollback: true, rollbackOnFailure: false, started: true, choice: true, forced: false };
    for (const state of UNFINISHED_STATES) {
      const driver = await reach(store, "forward", state, traits);
      deepEqual(await store.jobs.remove(driver.id, { force: true }), { kind: "refused", job: await driver.record() });
    }
    const driver = await reach(store, "rollback", "rollback_failed", traits);
    deepEqual(await store.jobs.remove(driver.id, { force: false }), { kind: "refused", job: await driver.record() });
    deepEqual(await store.jobs.remove(driver.id, { force: true }), { kind: "removed", fileIds: [] });
  });
}

function sumTests(test: Register): void {
  test("uploads are added up as they come and go, with jobs or without", async ({ store, advance }) => {
    equal(await store.files.uploadedBytes(), 0);
    const [removed, old, taken, shared] = [
      file({ size: 1 }),
      file({ size: 10 }),
      file({ size: 100 }),
      file({ size: 1_000 }),
    ];
    for (const upload of [removed, old, taken, shared]) await store.files.insertFile(upload);
    equal(await store.files.uploadedBytes(), 1_111);
    await store.files.removeFiles([removed.id, newId()]);
    equal(await store.files.uploadedBytes(), 1_110);
    const first = await drive(store, { fileIds: [taken.id, shared.id] });
    const second = await drive(store, { fileIds: [shared.id] });
    for (const driver of [first, second]) await driver.control("cancel");
    equal(await store.files.uploadedBytes(), 1_110);
    await advance(1_000);
    deepEqual(await store.retention.pruneUploads({ ageMs: 1_000, limit: 10 }), [old.id]);
    equal(await store.files.uploadedBytes(), 1_100);
    await store.jobs.remove(first.id, { force: false });
    equal(await store.files.uploadedBytes(), 1_000);
    await store.retention.prune({ state: "cancelled", maxAgeMs: 0, maxCount: null, limit: 10 });
    equal(await store.files.uploadedBytes(), 0);
  });

  test("artifacts, and uploads that were not stored, do not count", async ({ store }) => {
    const driver = await drive(store);
    await driver.claim();
    const artifact = { id: newId(), name: "out", mediaType: "text/plain", size: 50, sha256: "00" };
    await store.files.insertArtifact(driver.lease(), artifact);
    const upload = file();
    await store.files.insertFile(upload);
    // Said again, as when the first answer was lost: whether that is refused or taken, it is there once.
    await store.files.insertFile(upload).catch(() => {});
    equal(await store.files.uploadedBytes(), 3);
    await driver.settle("succeed");
    await store.jobs.remove(driver.id, { force: false });
    equal(await store.files.uploadedBytes(), 3);
  });

  test("an upload that would be too much is not stored, however many come at once", async ({ store }) => {
    const upload = (size: number) => {
      const { kind: _kind, ...entry } = file({ size });
      return entry;
    };
    equal(await store.files.insertUpload(upload(11), { maxBytes: 10 }), "too_much");
    equal(await store.files.insertUpload(upload(4), { maxBytes: 10 }), "inserted");
    const many = Array.from({ length: 8 }, () => store.files.insertUpload(upload(2), { maxBytes: 10 }));
    const results = await Promise.all(many);
    deepEqual([results.filter((result) => result === "inserted").length, await store.files.uploadedBytes()], [3, 10]);
    equal(await store.files.insertUpload(upload(0), { maxBytes: 10 }), "inserted");
    const last = upload(1);
    equal(await store.files.insertUpload(last, { maxBytes: 11 }), "inserted");
    const { createdAt: _createdAt, ...kept } = one(await store.files.getFiles([last.id]));
    deepEqual(kept, { ...last, kind: "upload" });
  });
}
