import { createHash } from "node:crypto";
import type { XmlElements } from "./xml.ts";

/** Canonical id of an account: 64 hex digits. */
export const canonicalId = (account: string): string =>
  createHash("sha256").update(`canonical:${account}`).digest("hex");

/** An `<Owner>`: the account that everything here belongs to. */
export const ownerOf = (account: string): XmlElements => ({ ID: canonicalId(account), DisplayName: account });
