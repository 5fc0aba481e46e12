import inspector, { Session } from "node:inspector";
import { afterEach, expect, test } from "vitest";
import { arnOf, specOf, startHost, until } from "../fixtures/lambda/host.ts";

let host: Awaited<ReturnType<typeof startHost>> | undefined;
afterEach(async () => {
  inspector.close();
  await host?.stop();
  host = undefined;
});

test("while the inspector listens no event times out, and a debugger sees every environment", async () => {
  host = await startHost([specOf("fail", { timeoutSeconds: 1 })]);
  inspector.open(0, "127.0.0.1");
  const session = new Session();
  session.connect();
  const workers: string[] = [];
  session.on("NodeWorker.attachedToWorker", ({ params }) => void workers.push(params.workerInfo.title));
  session.post("NodeWorker.enable", { waitForDebuggerOnStart: false });
  const running = host.lambda.invoke(arnOf("fail"), { how: "wait" });
  await until(() => workers.some((title) => title.includes("fail")), "the environment to be seen");
  expect((await running).payload).toBe("survived");
  session.disconnect();
});
