import { latencyOf, wait } from "../../faults/latency.ts";
import type { Point } from "../../faults/match.ts";
import { namesOfArn } from "../../faults/names.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Peer } from "./context.ts";

/** `Message` comes from the client, `Post` goes to it. */
const pointOf = ({ api, connectionId }: Peer, operation: "Message" | "Post"): Point => ({
  service: "apigateway",
  operation: [operation],
  function: [],
  target: [api.name, ...namesOfArn(api.arn)],
  key: [connectionId],
});

/** What befalls a message of a client: it waits, and its connection is cut before or after it was handled. */
export const strikeMessage = async (
  { faults, clock }: Cloud,
  peer: Peer,
): Promise<"before" | "after" | undefined> => {
  if (!faults.active()) return undefined;
  for (const { fault, draw, note } of faults.strike(pointOf(peer, "Message"), ["latency", "drop"])) {
    note();
    if (fault.kind === "drop") return fault.effect ?? "after";
    await wait(clock, latencyOf(fault, draw));
  }
  return undefined;
};

/** Whether the connection is cut where a message was to be posted to it. */
export const isCut = ({ faults }: Cloud, peer: Peer): boolean => {
  if (!faults.active()) return false;
  const [hit] = faults.strike(pointOf(peer, "Post"), ["drop"]);
  hit?.note();
  return hit !== undefined;
};
