// What every store must do, whatever its database: the suite drives it through its port alone, without sleeping.
// Run it with `storeContract(name, open)`; it registers its tests with node:test.
import { describe, it } from "node:test";
import { accessTests } from "./contract/access-tests.ts";
import { attemptTests } from "./contract/attempt-tests.ts";
import { auditTests } from "./contract/audit-tests.ts";
import { claimTests } from "./contract/claim-tests.ts";
import { closingTests } from "./contract/closing-tests.ts";
import type { ContractStore, Register } from "./contract/context.ts";
import { controlTests } from "./contract/control-tests.ts";
import { dedupeTests } from "./contract/dedupe-tests.ts";
import { editTests } from "./contract/edit-tests.ts";
import { exclusionTests } from "./contract/exclusion-tests.ts";
import { fileTests } from "./contract/file-tests.ts";
import { historyTests } from "./contract/history-tests.ts";
import { insertTests } from "./contract/insert-tests.ts";
import { journalTests } from "./contract/journal-tests.ts";
import { leaseTests } from "./contract/lease-tests.ts";
import { lifecycleTests } from "./contract/lifecycle-tests.ts";
import { limitModelTests } from "./contract/limit-model-tests.ts";
import { limitTests } from "./contract/limit-tests.ts";
import { listTests } from "./contract/list-tests.ts";
import { noticeTests } from "./contract/notice-tests.ts";
import { queueTests } from "./contract/queue-tests.ts";
import { retentionTests } from "./contract/retention-tests.ts";
import { scheduleTests } from "./contract/schedule-tests.ts";
import { settleTests } from "./contract/settle-tests.ts";
import { sleepTests } from "./contract/sleep-tests.ts";
import { statsTests } from "./contract/stats-tests.ts";
import { stepTests } from "./contract/step-tests.ts";
import { togetherTests } from "./contract/together-tests.ts";

type Open = () => Promise<ContractStore>;

/**
 * Registers the contract as a suite of tests.
 *
 * @example
 * storeContract("SQLite on disk", async () => openInTemporaryFolder());
 */
export function storeContract(name: string, open: Open): void {
  const test: Register = (sentence, run) => {
    void it(sentence, async () => {
      const context = await open();
      try {
        await run(context);
      } finally {
        await context.dispose();
      }
    });
  };
  describe(name, { concurrency: false }, () => {
    describe("insert", () => insertTests(test));
    describe("insert together", () => togetherTests(test));
    describe("deduplication", () => dedupeTests(test));
    describe("claim", () => claimTests(test));
    describe("claim with limits", () => limitTests(test));
    describe("claim with limits that meet", () => limitModelTests(test));
    describe("lifecycle", () => lifecycleTests(test));
    describe("settle", () => settleTests(test));
    describe("sleep", () => sleepTests(test));
    describe("control", () => controlTests(test));
    describe("edit", () => editTests(test));
    describe("keys and groups", () => exclusionTests(test));
    describe("writes of an attempt", () => attemptTests(test));
    describe("steps", () => stepTests(test));
    describe("journal", () => journalTests(test));
    describe("leases", () => leaseTests(test));
    describe("history and logs", () => historyTests(test));
    describe("list", () => listTests(test));
    describe("files and removal", () => fileTests(test));
    describe("schedules", () => scheduleTests(test));
    describe("retention", () => retentionTests(test));
    describe("queues", () => queueTests(test));
    describe("access", () => accessTests(test));
    describe("audit", () => auditTests(test));
    describe("figures", () => statsTests(test));
    describe("notices", () => noticeTests(test));
    describe("closing", () => closingTests(test));
  });
}
