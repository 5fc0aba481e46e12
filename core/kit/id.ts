import { monotonicFactory } from "ulid";
import { now } from "./clock.ts";

const ulid = monotonicFactory();

/** A prefixed ULID, e.g. `lnk_01J…`: sorts by creation time, names its kind. */
export const newId = <P extends string>(prefix: P): `${P}_${string}` => `${prefix}_${ulid(now())}`;
