import type { Graph } from "../../graph/graph.ts";
import { readSocketApis } from "./read-model.ts";

/** More than these are a list to look up, not to read at every start. */
const SHOWN = 3;

/** Where each WebSocket API listens, as lines for the terminal. */
export const socketLines = (graph: Graph, url: string): string[] => {
  const apis = readSocketApis(graph).slice(0, SHOWN);
  return apis.flatMap(({ id, name, stages }) => {
    const address = `${url.replace(/^http/, "ws")}/_aws/execute-api/${id}/${[...stages.keys()][0] ?? ""}`;
    return [`  WebSocket      ${address}${apis.length > 1 ? ` (${name})` : ""}`];
  });
};
