import type { Faults } from "../faults/faults.ts";
import { createHandOver } from "../faults/hand-over.ts";
import type { Point } from "../faults/match.ts";
import { namesOfArn } from "../faults/names.ts";
import type { Clock } from "../kit/clock.ts";
import type { AwsService, Delivery, Lambda } from "../kit/cloud.ts";
import type { Permissions } from "../kit/permissions.ts";
import { newSpanId, newTraceId, parseTraceHeader, type Recorder, traceHeader } from "../kit/recorder.ts";
import { checkDelivery } from "../permissions/enforce.ts";
import type { Position } from "./trace.ts";

/** What the dispatcher needs: the services that accept deliveries, and Lambda, which is invoked. */
export interface DeliverDeps {
  readonly services: ReadonlyMap<string, AwsService>;
  readonly lambda: () => Lambda;
  readonly clock: Clock;
  readonly recorder: Recorder;
  readonly faults: Faults;
  /** Undefined asks nobody. */
  readonly permissions?: Permissions;
}

/** Where a delivery may be struck: within the service that takes it, about the target, and who sends. */
const pointOf = (service: string, targetArn: string, { sourceArn, messageGroupId }: Delivery): Point => ({
  service,
  operation: ["Deliver"],
  function: sourceArn.startsWith("arn:aws:lambda:") ? namesOfArn(sourceArn) : [],
  target: namesOfArn(targetArn),
  key: [sourceArn, ...(messageGroupId ? [messageGroupId] : [])],
});

/** Makes `cloud.deliver`: routes an ARN to the service that accepts its prefix; a function is invoked asynchronously. */
export const createDeliver = ({ services, lambda, clock, recorder, faults, permissions }: DeliverDeps) => {
  const handOver = createHandOver(faults, clock);
  const positionOf = ({ trace }: Delivery): Position => {
    const { traceId = newTraceId(clock.now()), parentId } = parseTraceHeader(trace);
    return { traceId, id: newSpanId(), ...(parentId ? { parentId } : {}) };
  };
  const spanOf = (name: string, targetArn: string, delivery: Delivery, position = positionOf(delivery)) => {
    const { sourceArn, body } = delivery;
    const start = clock.now();
    return (error?: string, fault?: string) =>
      recorder.record({
        ...position,
        kind: "deliver",
        node: targetArn,
        from: sourceArn,
        name: `${name}:Deliver`,
        start,
        durationMs: clock.now() - start,
        ...(error ? { error } : {}),
        detail: { bytes: Buffer.byteLength(body), ...(fault ? { fault } : {}) },
      });
  };
  return async (targetArn: string, delivery: Delivery): Promise<void> => {
    if (targetArn.startsWith("arn:aws:lambda:")) {
      checkDelivery(permissions, targetArn, delivery);
      const options = { from: delivery.sourceArn, ...(delivery.trace ? { trace: delivery.trace } : {}) };
      // the function's own queue is where faults strike an event for it
      await lambda().invokeAsync(targetArn, JSON.parse(delivery.body), options);
      return;
    }
    const service = [...services.values()].find((s) => s.accepts && targetArn.startsWith(s.accepts));
    if (!service?.deliver) throw new Error(`Nothing local takes deliveries for ${targetArn}`);
    const { name } = service;
    const position = positionOf(delivery);
    // what this delivery triggers stands under it
    const traced = { ...delivery, trace: traceHeader(position.traceId, position.id) };
    const send = async () => {
      checkDelivery(permissions, targetArn, delivery);
      await service.deliver?.(targetArn, traced);
    };
    const done = spanOf(name, targetArn, delivery, position);
    try {
      const failed = (error: unknown) =>
        spanOf(name, targetArn, delivery)(String(error), "duplicate that was refused");
      done(undefined, await handOver({ point: pointOf(name, targetArn, delivery), send, failed }));
    } catch (error) {
      done(error instanceof Error ? error.message : String(error), (error as { fault?: string }).fault);
      throw error;
    }
  };
};
