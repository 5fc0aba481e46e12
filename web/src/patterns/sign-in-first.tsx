import type { ReactNode } from "react";
import { useSession } from "../api/session.ts";
import { Link } from "../shell/router.tsx";
import { Empty } from "../ui/surface.tsx";

/** What takes somebody signed in; or, to everybody else, why it does and the way there. */
export const SignedIn = ({
  title,
  why,
  children,
}: {
  title: string;
  why: string;
  children: (owner: string) => ReactNode;
}) => {
  const session = useSession();
  if (session.status === "signed-in") return children(session.user.id);
  if (session.status === "resuming") return null;
  return (
    <Empty title={session.ended ? "Your session has ended" : title}>
      <Link to="/sign-in">Sign in{session.ended && " again"}</Link>
      {import.meta.env.VITE_LOCAL_CLOUD && ", or take a demo user from the menu at the top"}: {why}.
    </Empty>
  );
};
