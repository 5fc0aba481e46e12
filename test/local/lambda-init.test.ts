import { afterEach, expect, test } from "vitest";
import { arnOf, specOf, startHost } from "../fixtures/lambda/host.ts";

type Started = Awaited<ReturnType<typeof startHost>>;
let host: Started | undefined;
const start = async (...input: Parameters<typeof startHost>): Promise<Started> => {
  host = await startHost(...input);
  return host;
};
afterEach(async () => {
  await host?.stop();
  host = undefined;
});

test("a module that throws is run twice and its error answers the event", async () => {
  const { lambda, logged } = await start([specOf("broken-init")]);
  const { error } = await lambda.invoke(arnOf("broken-init"), {});
  expect(error).toMatchObject({ errorType: "Error", errorMessage: "no configuration" });
  expect(logged.filter(({ message }) => message.startsWith("INIT_START"))).toHaveLength(2);
});

test("an initialisation that takes too long is started again within the function's own time", async () => {
  const { lambda } = await start([specOf("slow-init")], { limits: { initTimeoutMs: 150 } });
  const first = await lambda.invoke(arnOf("slow-init"), {});
  expect(first.payload).toBe("ready at last");
  expect(first.durationMs).toBeGreaterThan(390);
  expect((await lambda.invoke(arnOf("slow-init"), {})).initMs).toBeUndefined();
});

test("an initialisation that outlasts the function's time as well is a timeout", async () => {
  const { lambda } = await start([specOf("slow-init", { timeoutSeconds: 0.2 })], {
    limits: { initTimeoutMs: 150 },
  });
  const { error } = await lambda.invoke(arnOf("slow-init"), {});
  expect(error?.errorType).toBe("Sandbox.Timedout");
  expect(error?.errorMessage).toContain("Task timed out after 0.20 seconds");
});

test("a handler that is not exported is named", async () => {
  const { lambda } = await start([specOf("noop", { handler: "functions/noop.other" })]);
  const { error } = await lambda.invoke(arnOf("noop"), {});
  expect(error).toMatchObject({
    errorType: "Runtime.HandlerNotFound",
    errorMessage: "bundle.other is undefined or not exported",
  });
});

test("a handler whose file does not exist is named", async () => {
  const { lambda } = await start([specOf("absent")]);
  const { error } = await lambda.invoke(arnOf("absent"), {});
  expect(error?.errorMessage).toContain("functions/absent.handler: no such file");
});

test("callbacks are refused from Node 24 on, as Lambda does", async () => {
  const { lambda } = await start([specOf("callback")]);
  const { error } = await lambda.invoke(arnOf("callback"), {});
  expect(error?.errorType).toBe("Runtime.CallbackHandlerDeprecated");
});

test("before Node 24 a callback answers once the event loop is empty, or at once when told so", async () => {
  const { lambda } = await start([specOf("callback", { runtime: "nodejs22.x" })]);
  expect((await lambda.invoke(arnOf("callback"), {})).payload).toEqual({ finished: true });
  expect((await lambda.invoke(arnOf("callback"), { wait: false })).payload).toEqual({ finished: false });
  expect((await lambda.invoke(arnOf("callback"), { fail: true })).error?.errorMessage).toBe("told so");
});
