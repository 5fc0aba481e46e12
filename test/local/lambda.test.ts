import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { arnOf, region, specOf, startHost } from "../fixtures/lambda/host.ts";

type Started = Awaited<ReturnType<typeof startHost>>;
let host: Started;

beforeAll(async () => {
  process.env.HOST_SECRET = "must not be seen";
  host = await startHost([
    specOf("counter"),
    specOf("noop"),
    specOf("probe", {
      environment: { TABLE: "links", SST_RESOURCE_App: "{}" },
      memoryMb: 512,
      timeoutSeconds: 9,
    }),
    specOf("fail", { timeoutSeconds: 1, memoryMb: 64 }),
  ]);
});
afterAll(() => host.stop());

const invoke = (name: string, event: unknown = {}) => host.lambda.invoke(arnOf(name), event);

describe("an environment", () => {
  test("keeps module state between events and is cold once", async () => {
    const first = await invoke("counter");
    const second = await invoke("counter");
    expect(first).toMatchObject({ payload: { count: 1 }, initMs: expect.any(Number) });
    expect(second.payload).toEqual({ count: 2 });
    expect(second.initMs).toBeUndefined();
  });

  test("sees its own variables and nothing of the host's", async () => {
    const { payload } = await invoke("probe", { a: 1 });
    const { env, event, timeZone } = payload as {
      env: Record<string, string>;
      event: unknown;
      timeZone: string;
    };
    expect(event).toEqual({ a: 1 });
    expect(timeZone).toBe("UTC");
    expect(env).toMatchObject({
      TABLE: "links",
      AWS_REGION: region,
      AWS_LAMBDA_FUNCTION_NAME: "probe",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512",
      AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
      AWS_ENDPOINT_URL: "http://127.0.0.1:9",
      AWS_EC2_METADATA_DISABLED: "true",
      _HANDLER: "bundle.handler",
    });
    expect(env._X_AMZN_TRACE_ID).toMatch(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=1$/);
    expect(env).not.toHaveProperty("HOST_SECRET");
    expect(env).not.toHaveProperty("HOME");
    const keys = host.credentials.find(env.AWS_ACCESS_KEY_ID ?? "");
    expect(keys).toMatchObject({ functionArn: arnOf("probe"), secretAccessKey: env.AWS_SECRET_ACCESS_KEY });
  });

  test("is handed a complete context", async () => {
    const { payload, requestId } = await invoke("probe");
    const { context } = payload as { context: Record<string, unknown> };
    expect(context).toMatchObject({
      functionName: "probe",
      functionVersion: "$LATEST",
      memoryLimitInMB: "512",
      logGroupName: "/aws/lambda/probe",
      awsRequestId: requestId,
      invokedFunctionArn: arnOf("probe"),
    });
    expect(context.logStreamName).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
    expect(context.remainingMs).toBeGreaterThan(8_000);
    expect(context.remainingMs).toBeLessThanOrEqual(9_000);
  });

  test("reads the time of the local cloud after its clock was moved", async () => {
    host.clock.advance(3 * 86_400_000);
    const { payload } = await invoke("probe");
    const { now, written } = payload as { now: number; written: string };
    expect(Math.abs(now - host.clock.now())).toBeLessThan(1_000);
    expect(Math.abs(Date.parse(written) - host.clock.now())).toBeLessThan(1_000);
  });
});

describe("a failing function", () => {
  test("answers the thrown error and stays warm", async () => {
    const { error } = await invoke("fail", { how: "throw" });
    expect(error).toMatchObject({ errorType: "RangeError", errorMessage: "out of range" });
    expect(error?.trace?.[0]).toBe("RangeError: out of range");
    expect((await invoke("fail", { how: "throw" })).initMs).toBeUndefined();
    expect(host.printed.at(-1)).toContain("functions/fail.ts:3:");
  });

  test.each([
    ["computing", "spin"],
    ["waiting", "wait"],
  ])("is ended when its time is up while it is %s", async (_what, how) => {
    const { error, durationMs, requestId } = await invoke("fail", { how });
    expect(error).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
    });
    expect(durationMs).toBeGreaterThan(990);
    expect(durationMs).toBeLessThan(1_500);
  });

  test.each([
    ["exit", "Runtime.ExitError", "Runtime exited with error: exit status 7"],
    ["exit-zero", "Runtime.ExitError", "Runtime exited without providing a reason"],
    ["hang", "Runtime.ExitError", "Runtime exited with error: exit status 13"],
    ["reject", "Runtime.UnhandledPromiseRejection", "Error: nobody caught this"],
    ["uncaught", "TypeError", "thrown from a timer"],
    ["heap", "Runtime.OutOfMemory", "signal: killed"],
    ["bigint", "Runtime.JSONStringifyError", "BigInt"],
  ])(
    "that ends by %s is told so, and the next event finds a fresh environment",
    async (how, type, message) => {
      const { error } = await invoke("fail", { how });
      expect(error?.errorType).toBe(type);
      expect(error?.errorMessage).toContain(message);
      const next = await invoke("fail", { how: "large", bytes: 3 });
      expect(next.payload).toBe("xxx");
    },
  );

  test("answers at most six megabytes", async () => {
    const fits = await invoke("fail", { how: "large", bytes: 6_291_554 });
    expect((fits.payload as string).length).toBe(6_291_554);
    const over = await invoke("fail", { how: "large", bytes: 6_291_555 });
    expect(over.error?.errorType).toBe("Function.ResponseSizeTooLarge");
  });

  test("is not sent more than six megabytes", async () => {
    const { error } = await invoke("noop", "x".repeat(6_291_456));
    expect(error?.errorType).toBe("RequestEntityTooLargeException");
  });
});
