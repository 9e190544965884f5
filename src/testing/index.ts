// The public testing kit: a clock that tests move, a manager that can crash, and the contract every store must pass.

export type { ContractStore } from "./contract/context.ts";
export { createFakeClock, type FakeClock } from "./fake-clock.ts";
export { type ContractFileStore, fileStoreContract } from "./file-store-contract.ts";
export { storeContract } from "./store-contract.ts";
export { startTestManager, type TestManager, type TestManagerOptions, type TestStorage } from "./test-manager.ts";
