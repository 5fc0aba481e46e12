import { namesOf, namesOfArn } from "../../faults/names.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Message, Queue } from "./state.ts";

/** Reordering of what a standard queue hands out; FIFO queues keep their order whatever a rule says. */
export const overtakes = ({ faults }: Cloud, queue: Queue): number => {
  if (!faults.active()) return 0;
  const target = namesOfArn(queue.arn);
  const point = { service: "sqs", operation: ["Receive"], function: [], key: [], target };
  const [hit] = faults.strike(point, ["reorder"]);
  hit?.note();
  return hit ? Math.floor(hit.draw("place") * (hit.fault.window ?? 10)) : 0;
};

/** What a lost deletion does: the function did its work, and gets the message again after so many ms. */
export const redelivery = (
  { faults, graph }: Cloud,
  queue: Queue,
  functionArn: string,
  message: Message,
): number | undefined => {
  if (!faults.active()) return undefined;
  const point = {
    service: "sqs",
    operation: ["Consume"],
    function: namesOf(graph, functionArn),
    target: namesOfArn(queue.arn),
    key: [message.groupId ?? message.id],
  };
  const [hit] = faults.strike(point, ["duplicate"]);
  hit?.note();
  return hit && (hit.fault.delays?.[0] ?? 0);
};
