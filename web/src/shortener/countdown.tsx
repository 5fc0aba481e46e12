import { duration, instant } from "../ui/format.ts";
import { Badge } from "../ui/surface.tsx";
import { useNow } from "../ui/use-now.ts";

/** Time left until a link expires. Screen readers hear of the end, not of every second. */
export const Countdown = ({ expiresAt }: { expiresAt: string | null }) => {
  const end = expiresAt === null ? Number.POSITIVE_INFINITY : Date.parse(expiresAt);
  const now = useNow(250, end > Date.now());
  if (expiresAt === null) return null;
  const left = (end - now) / 1_000;
  return (
    <>
      {left > 0 ? (
        <span role="timer" aria-live="off" title={instant(expiresAt)}>
          <Badge tone={left < 60 ? "ember" : ""}>
            Expires in <span className="mono figures">{duration(left)}</span>
          </Badge>
        </span>
      ) : (
        <Badge tone="bad">Expired</Badge>
      )}
      <span role="status" className="hidden-visually">
        {left <= 0 && "The link has expired"}
      </span>
    </>
  );
};
