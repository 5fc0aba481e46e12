import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { byType, type Graph } from "./graph/graph.ts";

/** A person the demo data knows. Exists on a local cloud only: the password is public. */
export interface DemoUser {
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly groups: readonly string[];
}

/** What an app may bring along as `demo/main.ts`: users to sign in as, and data to look at. */
export interface Demo {
  readonly users: readonly DemoUser[];
  seed(context: { url: string; tokenOf: (email: string) => Promise<string> }): Promise<void>;
}

/** The app's demo, if it brings one. */
export const loadDemo = async (root: string): Promise<Demo | undefined> => {
  const file = join(root, "demo/main.ts");
  return existsSync(file) ? ((await import(pathToFileURL(file).href)) as Demo) : undefined;
};

/** An access token for a demo user, got as any client gets one: by InitiateAuth at the user pool. */
export const tokenSource = (graph: Graph, endpoint: string, users: readonly DemoUser[]) => {
  const clientId = byType(graph, "aws:cognito/userPoolClient:UserPoolClient")[0]?.id;
  return async (email: string): Promise<string> => {
    const user = users.find((one) => one.email === email);
    if (!user || clientId === undefined) throw new Error(`Nobody here is called ${email}`);
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AWSCognitoIdentityProviderService.InitiateAuth",
      },
      body: JSON.stringify({
        ClientId: clientId,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: email, PASSWORD: user.password },
      }),
    });
    const { AuthenticationResult: result } = (await answer.json()) as {
      AuthenticationResult?: { AccessToken: string };
    };
    if (!result) throw new Error(`${email} could not sign in: ${answer.status}`);
    return result.AccessToken;
  };
};
