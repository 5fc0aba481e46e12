import { Agent, get } from "node:http";
import { afterAll, expect, test } from "vitest";
import { API_ID, type Harness, restApi, startHarness } from "./rest-fixture.ts";

let harness: Harness;
afterAll(() => harness.front.close());

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

// 3 ms is what the local cloud may add to a request, the function's own time aside.
test("the front door and the REST API together take under 3 ms at the median on a kept connection", async () => {
  harness = await startHarness(restApi({ "GET /links/{hash}": { fn: "f" } }), {
    f: () => ({ statusCode: 200, body: "{}" }),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const once = () =>
    new Promise<number>((resolve, reject) => {
      const start = performance.now();
      const path = `/_aws/execute-api/${API_ID}/local/links/abc?x=1`;
      get({ host: "127.0.0.1", port: harness.front.port, path, agent }, (reply) => {
        reply.resume();
        reply.on("end", () => resolve(performance.now() - start));
      }).on("error", reject);
    });
  for (let i = 0; i < 300; i++) await once();
  const times: number[] = [];
  for (let i = 0; i < 1_000; i++) times.push(await once());
  agent.destroy();
  expect(harness.calls).toHaveLength(1_300);
  expect(median(times)).toBeLessThan(3);
});
