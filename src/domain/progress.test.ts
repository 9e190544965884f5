import { equal } from "node:assert/strict";
import { describe, it } from "node:test";
import { createRateMeter, etaMs, NO_PROGRESS } from "./progress.ts";

describe("the rate", () => {
  it("is unknown until time has passed", () => {
    const meter = createRateMeter();
    equal(meter.sample(10, 1_000), null);
    equal(meter.sample(20, 1_000), null);
  });

  it("is items a second", () => {
    const meter = createRateMeter();
    meter.sample(0, 0);
    equal(meter.sample(500, 1_000), 500);
  });

  it("looks back over the last ten seconds only", () => {
    const meter = createRateMeter();
    for (let second = 0; second <= 20; second += 1) meter.sample(second * 1_000, second * 1_000);
    for (let second = 21; second <= 40; second += 1) meter.sample(20_000 + (second - 20) * 10, second * 1_000);
    equal(meter.sample(20_210, 41_000), 10);
  });

  it("starts anew when the count goes back", () => {
    const meter = createRateMeter();
    meter.sample(0, 0);
    meter.sample(900, 1_000);
    equal(meter.sample(0, 2_000), null);
    equal(meter.sample(50, 3_000), 50);
  });
});

describe("the time left", () => {
  const progress = { ...NO_PROGRESS, done: 20, total: 100, ratePerSecond: 10 };

  it("is what remains at the present rate", () => {
    equal(etaMs(progress), 8_000);
  });

  it("is nothing when all is done, whatever the rate", () => {
    equal(etaMs({ ...progress, done: 100, ratePerSecond: 0 }), 0);
    equal(etaMs({ ...progress, done: 120 }), 0);
  });

  it("is unknown without a total or a rate", () => {
    equal(etaMs({ ...progress, total: null }), null);
    equal(etaMs({ ...progress, ratePerSecond: null }), null);
    equal(etaMs({ ...progress, ratePerSecond: 0 }), null);
  });
});
