import type { ExperimentSpec } from "../patterns/experiment.tsx";
import { cleared, coldKey, endings, hostile, lateFill, lateLoad } from "./experiment-runs.ts";

const needsSignIn = "entries belong to whoever wrote them";

/** Each sends real requests and judges by the answers alone. */
export const experiments: readonly ExperimentSpec[] = [
  {
    id: "stampede",
    title: "50 readers, one cold key, a slow origin",
    claim:
      "Protected, one of fifty loads and the others wait for it, whichever process serves them. Without protection all that are under way ask the origin: of a browser over HTTP/1.1 six. The test suite sends 500 at once.",
    button: "Stampede, with and without",
    needsSignIn,
    run: coldKey,
  },
  {
    id: "late-fill",
    title: "A deletion beats a load under way",
    claim: "A load that began before a deletion and ends after it is answered, and not kept.",
    button: "Delete during a load",
    needsSignIn,
    run: lateFill,
  },
  {
    id: "late-load",
    title: "A write beats a load under way",
    claim: "Versions decide, no clock does: what was written during a load stays.",
    button: "Write during a load",
    needsSignIn,
    run: lateLoad,
  },
  {
    id: "cleared",
    title: "40 entries, one write",
    claim: "Dropping a namespace costs one write however much is in it, and spares what comes after.",
    button: "Drop a namespace",
    needsSignIn,
    run: cleared,
  },
  {
    id: "endings",
    title: "To the millisecond",
    claim: "Ends are checked at each read: an entry is there before its end, and not after it.",
    button: "Outlive an entry",
    needsSignIn,
    run: endings,
  },
  {
    id: "hostile",
    title: "Six entries that try it on",
    claim: "What is too large or makes no sense is refused with its reason; a key may hold any signs.",
    button: "Send six odd requests",
    needsSignIn,
    run: hostile,
  },
];
