import * as v from "valibot";
import { useLoad } from "../api/use-load.ts";

const DemoUsers = v.array(v.object({ email: v.string(), password: v.string(), name: v.string() }));
/** Somebody the local cloud was seeded with; the password is public. */
export type DemoUser = v.InferOutput<typeof DemoUsers>[number];

const ask = async (): Promise<readonly DemoUser[]> => {
  try {
    const response = await fetch(`${import.meta.env.VITE_LOCAL_CLOUD}/demo-users`);
    const json = response.headers.get("content-type")?.includes("json") ?? false;
    if (!response.ok || !json) return [];
    const users = v.safeParse(DemoUsers, await response.json());
    return users.success ? users.output : [];
  } catch {
    return [];
  }
};

let known: Promise<readonly DemoUser[]> | undefined;

/** Accounts the local cloud was seeded with. */
export const useDemoUsers = (): readonly DemoUser[] =>
  useLoad(async () => {
    known ??= ask();
    return { ok: true as const, data: await known };
  }, []).data ?? [];
