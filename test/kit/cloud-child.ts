import { startFixtureApp } from "./fixture-app.ts";

// The whole local cloud in a process of its own, to be killed: `fork(cloud-child.ts, [app, dataDir])`.

const [name = "", dataDir = ""] = process.argv.slice(2);
const { cloud, stop } = await startFixtureApp(name, { dataDir });

process.on("message", (told: { advance?: number; stop?: true }) => {
  if (told.advance) cloud.clock.advance(told.advance);
  if (told.stop) void stop().then(() => process.exit(0));
});
process.send?.({ endpoint: cloud.endpoint, outputs: cloud.graph.outputs });
