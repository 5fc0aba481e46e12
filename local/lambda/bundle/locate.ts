import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import path from "node:path";

const FRAME = /((?:file:\/\/)?[^\s()]*\/([^/\s()]+\.[cm]js)):(\d+):(\d+)/;

/** Source `file:line:column` of the first frame of a trace that is the app's own code, read from the bundle's map. */
export const locate = (folder: string, trace: readonly string[] | undefined): string | undefined => {
  for (const frame of trace ?? []) {
    const [, file, name, line, column] = FRAME.exec(frame) ?? [];
    if (!file?.includes(folder) || !name) continue;
    const mapFile = path.join(folder, `${name}.map`);
    if (!existsSync(mapFile)) return undefined;
    const map = new SourceMap(JSON.parse(readFileSync(mapFile, "utf8")));
    const origin = map.findOrigin(Number(line), Number(column));
    if (!("fileName" in origin) || origin.fileName.includes("node_modules")) continue;
    // Maps are written for `.sst/lambda/out`: three levels below the root.
    return `${origin.fileName.replace(/^(\.\.\/)+/, "")}:${origin.lineNumber}:${origin.columnNumber}`;
  }
  return undefined;
};
