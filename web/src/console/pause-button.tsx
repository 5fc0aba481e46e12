import { Button } from "../ui/button.tsx";

/** Switches following on and off. */
export const PauseButton = ({ live, onChange }: { live: boolean; onChange: (live: boolean) => void }) => (
  <Button aria-pressed={live} onClick={() => onChange(!live)} className="live-button">
    <span className="live-dot" aria-hidden="true" />
    Live
    <span className="hidden-visually">{live ? ", press to pause" : ", paused"}</span>
  </Button>
);
