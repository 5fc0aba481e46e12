import type { ReactNode } from "react";
import { useSession } from "../api/session.ts";
import { Link, usePath } from "../shell/router.tsx";
import { Empty } from "../ui/surface.tsx";

/** The way to the sign-in, and from there back to this page. */
export const SignInLink = ({ children }: { children: ReactNode }) => (
  <Link to={`/sign-in?back=${usePath()}`}>{children}</Link>
);

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
      <SignInLink>{session.ended ? "Sign in again" : "Sign in"}</SignInLink>
      {import.meta.env.VITE_LOCAL_CLOUD && ", or take a demo user from the menu at the top"}: {why}.
    </Empty>
  );
};
