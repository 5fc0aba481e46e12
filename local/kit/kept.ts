import { readFileSync } from "node:fs";

/** Says which kept data cannot be read, and how to go on. Nothing is thrown away unasked. */
export const damaged = (path: string, cause: unknown): Error => {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new Error(`${path} is damaged (${why}). Put it right, delete it, or forget all data by --reset`, {
    cause,
  });
};

/** Reads a JSON object that was kept; undefined where there is none yet. Throws where there is one that cannot be read. */
export const readKept = (file: string): object | undefined => {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const kept: unknown = JSON.parse(text);
    if (typeof kept === "object" && kept !== null && !Array.isArray(kept)) return kept;
  } catch (error) {
    throw damaged(file, error);
  }
  throw damaged(file, "no JSON object");
};
