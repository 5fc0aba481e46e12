import { lazy, Suspense, useRef, useState } from "react";
import { signOut, useSession } from "../api/session.ts";
import { Link } from "../shell/router.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import "./account.css";

// Accounts that anybody may enter exist on a local cloud only.
const DemoList = import.meta.env.VITE_LOCAL_CLOUD
  ? lazy(async () => ({ default: (await import("./demo-list.tsx")).DemoList }))
  : undefined;

const SignedIn = ({ email, onDone }: { email: string; onDone: () => void }) => {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    await signOut();
    setBusy(false);
    onDone();
  };
  return (
    <div className="account-part row apart">
      <p className="small account-email">
        <span className="quiet">Signed in as</span>
        <br />
        <strong>{email}</strong>
      </p>
      <Button busy={busy} onClick={() => void leave()}>
        Sign out
      </Button>
    </div>
  );
};

const SignedOut = ({ onDone }: { onDone: () => void }) => (
  <div className="account-part row">
    <Link to="/sign-in" className="button primary" onClick={onDone}>
      Sign in
    </Link>
    <Link to="/sign-up" className="button" onClick={onDone}>
      Create an account
    </Link>
  </div>
);

/** Who is signed in, and everything to change that. */
export const AccountMenu = () => {
  const session = useSession();
  const panel = useRef<HTMLDivElement>(null);
  const close = () => panel.current?.hidePopover();
  const email = session.status === "signed-in" ? session.user.email : undefined;
  return (
    <>
      <button type="button" className="button account-button" popoverTarget="account">
        <Icon name="user" />
        <span className="account-label">{email?.split("@")[0] ?? "Sign in"}</span>
        <span className="hidden-visually">, account menu</span>
      </button>
      <div
        ref={panel}
        id="account"
        popover="auto"
        className="account-panel"
        role="dialog"
        aria-label="Account"
      >
        {email === undefined ? <SignedOut onDone={close} /> : <SignedIn email={email} onDone={close} />}
        {DemoList && (
          <Suspense>
            <DemoList current={email} onDone={close} />
          </Suspense>
        )}
      </div>
      <span role="status" className="hidden-visually">
        {email === undefined ? "" : `Signed in as ${email}`}
      </span>
    </>
  );
};
