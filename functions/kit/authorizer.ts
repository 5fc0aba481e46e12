import middy from "@middy/core";
import type { APIGatewayAuthorizerResult, APIGatewayTokenAuthorizerEvent } from "aws-lambda";
import type { User } from "#core/identity/user.schema.ts";
import { observed } from "./observe.ts";

/**
 * The authorizer's door. API Gateway keeps the answer by token for minutes and reuses it for every other route, so the
 * policy names the whole stage: one that named the asked method would refuse the next (which user may do what is the use
 * case's to judge). A thrown "Unauthorized", in this very word, is 401; anything else would be 500.
 */
export const authorizer = (
  verify: (token: string) => Promise<User | undefined>,
  toContext: (user: User) => Record<string, string>,
) =>
  middy<APIGatewayTokenAuthorizerEvent, APIGatewayAuthorizerResult>()
    .use(observed())
    .handler(async ({ authorizationToken, methodArn }) => {
      const token = /^Bearer (\S+)$/i.exec(authorizationToken ?? "")?.[1];
      const user = token === undefined ? undefined : await verify(token);
      if (!user) throw new Error("Unauthorized");
      const [api = "", stage = ""] = methodArn.split("/");
      return {
        principalId: user.id,
        context: toContext(user),
        policyDocument: {
          Version: "2012-10-17",
          Statement: [{ Action: "execute-api:Invoke", Effect: "Allow", Resource: `${api}/${stage}/*` }],
        },
      };
    });
