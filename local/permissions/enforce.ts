import type { Delivery, InvokeOptions, Lambda } from "../kit/cloud.ts";
import type { Permissions } from "../kit/permissions.ts";
import { deliveryAction } from "./principals.ts";

/** What AWS may not do. Its name makes EventBridge and Scheduler give up at once, as they do on AWS. */
export class AccessDenied extends Error {
  constructor(message: string) {
    super(message);
    this.name = "AccessDeniedException";
  }
}

/** Throws where the target's policy, or the role that delivers, does not let a delivery through. */
export const checkDelivery = (
  permissions: Permissions | undefined,
  targetArn: string,
  { sourceArn, roleArn }: Delivery,
): void => {
  const action = deliveryAction(targetArn);
  if (!permissions || !action) return;
  const why = permissions.refusesService({
    action,
    resource: targetArn,
    sourceArn,
    ...(roleArn ? { roleArn } : {}),
  });
  if (why !== undefined) throw new AccessDenied(why);
};

// A poller hands over what it has read with the function's own role: that was checked when its mapping was made.
const POLLED = /^arn:aws:(sqs|dynamodb|kinesis|kafka|mq):/;

const checkInvoke = (permissions: Permissions, functionArn: string, options: InvokeOptions | undefined) => {
  const sourceArn = options?.sourceArn ?? options?.from;
  if (sourceArn === undefined || POLLED.test(sourceArn)) return;
  const why = permissions.refusesService({
    action: "lambda:InvokeFunction",
    resource: functionArn,
    sourceArn,
  });
  if (why !== undefined) throw new AccessDenied(why);
};

/** Lambda as AWS's services reach it: a function's own policy must let them. */
export const guardLambda = (permissions: Permissions | undefined, lambda: () => Lambda): Lambda => {
  if (!permissions)
    return {
      invoke: (...all) => lambda().invoke(...all),
      invokeAsync: (...all) => lambda().invokeAsync(...all),
    };
  return {
    async invoke(functionArn, event, options) {
      checkInvoke(permissions, functionArn, options);
      return lambda().invoke(functionArn, event, options);
    },
    async invokeAsync(functionArn, event, options) {
      checkInvoke(permissions, functionArn, options);
      return lambda().invokeAsync(functionArn, event, options);
    },
  };
};
