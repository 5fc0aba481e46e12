import { type ReactNode, useState } from "react";
import type { Following } from "./client.ts";
import { useKeepFocus } from "./keep-focus.ts";
import { PauseButton } from "./pause-button.tsx";

/** Reads views anew every so often until a person pauses it: `useView(…, follow.following)`, and `follow.button` in the head. */
export const useFollow = (everyMs = 2_000): { readonly following: Following; readonly button: ReactNode } => {
  const [live, setLive] = useState(true);
  useKeepFocus(); // what is followed changes under a person's hands
  return {
    following: live ? { everyMs } : {},
    button: <PauseButton live={live} onChange={setLive} />,
  };
};
