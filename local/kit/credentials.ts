import { randomBytes } from "node:crypto";

/** Who signed a call: a function's execution environment, or the developer at the terminal. */
export interface Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Undefined for the developer's own keys. */
  readonly functionArn?: string;
  readonly roleArn?: string;
  /** One per Lambda execution environment, so that a call is known to belong to the invocation running in it. */
  readonly environmentId?: string;
}

/** Every key pair the local cloud has handed out. A key that is not here does not exist. */
export interface Credentials {
  issue(to: { functionArn: string; roleArn: string; environmentId: string }): Caller;
  revoke(accessKeyId: string): void;
  find(accessKeyId: string): Caller | undefined;
  /** The developer's keys: full access, printed at start for use with the AWS CLI. */
  readonly developer: Caller;
}

const key = (prefix: string) => prefix + randomBytes(10).toString("hex").toUpperCase().slice(0, 16);

/** A registry with one developer key pair. */
export const createCredentials = (
  developer: Caller = { accessKeyId: "AKIALOCALDEVELOPER00", secretAccessKey: "local-developer-secret" },
): Credentials => {
  const known = new Map([[developer.accessKeyId, developer]]);
  return {
    developer,
    issue(to) {
      const caller: Caller = {
        ...to,
        accessKeyId: key("ASIA"),
        secretAccessKey: randomBytes(30).toString("base64"),
        sessionToken: randomBytes(48).toString("base64"),
      };
      known.set(caller.accessKeyId, caller);
      return caller;
    },
    revoke: (accessKeyId) => void known.delete(accessKeyId),
    find: (accessKeyId) => known.get(accessKeyId),
  };
};
