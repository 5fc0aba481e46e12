import type { Clock } from "../kit/clock.ts";
import type { AwsService, Delivery, Lambda } from "../kit/cloud.ts";
import { newSpanId, newTraceId, parseTraceHeader, type Recorder } from "../kit/recorder.ts";

/** What the dispatcher needs: the services that accept deliveries, and Lambda, which is invoked. */
export interface DeliverDeps {
  readonly services: ReadonlyMap<string, AwsService>;
  readonly lambda: () => Lambda;
  readonly clock: Clock;
  readonly recorder: Recorder;
}

/** Makes `cloud.deliver`: routes an ARN to the service that accepts its prefix; a function is invoked asynchronously. */
export const createDeliver =
  ({ services, lambda, clock, recorder }: DeliverDeps) =>
  async (targetArn: string, delivery: Delivery): Promise<void> => {
    if (targetArn.startsWith("arn:aws:lambda:")) {
      const options = { from: delivery.sourceArn, ...(delivery.trace ? { trace: delivery.trace } : {}) };
      await lambda().invokeAsync(targetArn, JSON.parse(delivery.body), options);
      return;
    }
    const service = [...services.values()].find((s) => s.accepts && targetArn.startsWith(s.accepts));
    if (!service?.deliver) throw new Error(`Nothing local takes deliveries for ${targetArn}`);
    const start = clock.now();
    const { traceId = newTraceId(start), parentId } = parseTraceHeader(delivery.trace);
    const span = {
      traceId,
      id: newSpanId(),
      ...(parentId ? { parentId } : {}),
      kind: "deliver" as const,
      node: targetArn,
      from: delivery.sourceArn,
      name: `${service.name}:Deliver`,
      start,
    };
    const done = (error?: string) =>
      recorder.record({
        ...span,
        durationMs: clock.now() - start,
        ...(error ? { error } : {}),
        detail: { bytes: Buffer.byteLength(delivery.body) },
      });
    try {
      await service.deliver(targetArn, delivery);
      done();
    } catch (error) {
      done(error instanceof Error ? error.message : String(error));
      throw error;
    }
  };
