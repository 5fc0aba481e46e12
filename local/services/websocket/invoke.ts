import type { Cloud, Invocation } from "../../kit/cloud.ts";
import type { Call } from "./context.ts";
import { Refusal } from "./refusal.ts";

const TIMED_OUT = Symbol("timed out");

/** Waits for `task` at most `ms` of the cloud's time. */
export const within = async <T>({ clock }: Cloud, ms: number, task: Promise<T>): Promise<T> => {
  let cancel = () => {};
  const limit = new Promise<typeof TIMED_OUT>((resolve) => {
    cancel = clock.after(ms, () => resolve(TIMED_OUT));
  });
  try {
    const outcome = await Promise.race([task, limit]);
    if (outcome === TIMED_OUT) throw new Refusal("IntegrationTimeoutException");
    return outcome as T;
  } finally {
    cancel();
  }
};

/** The function an integration or authorizer URI names, with stage variables filled in. */
export const functionArnOf = ({ peer }: Call, uri: string): string | undefined => {
  const filled = uri.replace(
    /\$\{stageVariables\.([^}]+)\}/g,
    (_, name: string) => peer.stage.variables[name] ?? "",
  );
  return /functions\/(arn:aws[^/]*:lambda:[^/]+)\/invocations$/.exec(filled)?.[1];
};

/** Invokes a function on a call's behalf and measures it for the access log. */
export const invoke = async (
  cloud: Cloud,
  call: Call,
  target: { readonly uri: string; readonly timeoutMs: number; readonly sourceArn?: string },
  event: unknown,
): Promise<Invocation> => {
  const arn = functionArnOf(call, target.uri);
  if (arn === undefined) throw new Refusal("ConfigurationException");
  const started = cloud.clock.now();
  let outcome: Invocation | undefined;
  try {
    const { api, stage } = call.peer;
    // what the function's policy must let in
    const sourceArn = target.sourceArn ?? `${api.executionArn}/${stage.name}/${call.routeKey}`;
    const options = { trace: call.trace, from: api.arn, sourceArn };
    outcome = await within(cloud, target.timeoutMs, cloud.lambda.invoke(arn, event, options));
    return outcome;
  } finally {
    call.integration = {
      latencyMs: cloud.clock.now() - started,
      ...(outcome ? { status: 200, requestId: outcome.requestId } : {}),
    };
  }
};
