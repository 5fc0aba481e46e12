import type { Cloud } from "../../kit/cloud.ts";
import type { JsonOperation } from "../../kit/json-service.ts";
import type { Ledger, Table } from "../../kit/ledger.ts";

/** One value of a secret. Pending versions have none yet. */
export interface Version {
  readonly id: string;
  string?: string;
  /** Base64. */
  binary?: string;
  stages: string[];
  /** Epoch ms. */
  readonly createdAt: number;
  accessedAt?: number;
}

export interface Rotation {
  lambdaArn: string;
  rules: Readonly<Record<string, unknown>>;
  enabled: boolean;
  /** Epoch ms; undefined when nothing is scheduled. */
  nextAt?: number;
}

export interface Secret {
  readonly arn: string;
  readonly name: string;
  description?: string;
  kmsKeyId?: string;
  tags: Record<string, string>;
  policy?: string;
  versions: Record<string, Version>;
  rotation?: Rotation;
  readonly createdAt: number;
  changedAt: number;
  accessedAt?: number;
  rotatedAt?: number;
  /** When it was deleted, and when it is gone for good, epoch ms. */
  deletedAt?: number;
  goneAt?: number;
  /** Made by the API, not by a stack. */
  readonly runtime: boolean;
  /** What the stack last said its value is, hashed: a stack that says something else makes a new version. */
  declared?: string;
}

/** What every operation works on. */
export interface SecretsContext {
  readonly cloud: Cloud;
  readonly ledger: Ledger;
  readonly secrets: Table<Secret>;
  /** Rotations that run, by ARN. */
  readonly rotating: Map<string, Promise<void>>;
}

/** One operation. */
export type Operation = JsonOperation<SecretsContext>;
