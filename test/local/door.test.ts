import { expect, it } from "vitest";
import { openDoor } from "../../local/front/door.ts";
import { startFront } from "../../local/front/front.ts";
import { startCloud } from "./gateway-fixture.ts";

it("a door that is open before its front says that it is starting, and then hands over", async () => {
  const { cloud, stop } = await startCloud();
  const door = await openDoor(0);
  const early = await fetch(door.url);
  expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
  const front = await startFront(cloud, { port: 0, door });
  expect(front.url).toBe(door.url);
  expect((await fetch(door.url)).status).toBe(404);
  await front.close();
  await door.close();
  await stop();
});
