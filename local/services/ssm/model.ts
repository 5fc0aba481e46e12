import type { Cloud } from "../../kit/cloud.ts";
import type { Caller } from "../../kit/credentials.ts";
import type { JsonOperation } from "../../kit/json-service.ts";
import type { Ledger, Table } from "../../kit/ledger.ts";

/** One version of a parameter. */
export interface Version {
  readonly version: number;
  readonly value: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly description?: string;
  readonly keyId?: string;
  readonly allowedPattern?: string;
  readonly tier: "Standard" | "Advanced";
  readonly dataType: string;
  readonly policies?: readonly { readonly text: string; readonly type: string }[];
  readonly user: string;
  /** Epoch ms. */
  readonly at: number;
  labels: string[];
}

export interface Parameter {
  readonly name: string;
  /** Oldest first; a hundred at most. */
  versions: Version[];
  tags: Record<string, string>;
  /** Epoch ms, of an expiration policy. */
  expiresAt?: number;
  readonly runtime: boolean;
  /** What the stack last said it is, hashed. */
  declared?: string;
}

/** A secret of Secrets Manager, as GetSecretValue answers it. */
export interface ReferredSecret {
  readonly ARN: string;
  readonly SecretString?: string | undefined;
  readonly CreatedDate?: number | undefined;
}

/** What Parameter Store asks of other services. */
export interface SsmDeps {
  /** Throws when the caller may not read it. */
  secret(id: string, caller: Caller | undefined): ReferredSecret | undefined;
}

/** What every operation works on. */
export interface SsmContext {
  readonly cloud: Cloud;
  readonly deps: SsmDeps;
  readonly ledger: Ledger;
  readonly parameters: Table<Parameter>;
}

/** One operation. */
export type Operation = JsonOperation<SsmContext>;
