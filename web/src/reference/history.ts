import { createStore } from "../ui/store.ts";
import type { TrialAnswer } from "./request.ts";

/** A call that was sent from the reference. */
export interface Sent {
  readonly id: number;
  readonly at: number;
  readonly method: string;
  readonly address: string;
  readonly answer: TrialAnswer;
}

const kept = 20;
const store = createStore<readonly Sent[]>([]);
let count = 0;

/** Remembers a call while the page is open: the latest first. */
export const remember = (call: Omit<Sent, "id" | "at">): void => {
  count += 1;
  store.set([{ ...call, id: count, at: Date.now() }, ...store.get()].slice(0, kept));
};

/** The latest calls; the component follows them. */
export const useHistory = (): readonly Sent[] => store.use();
