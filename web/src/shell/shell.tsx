import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { AccountMenu } from "../account/account-menu.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Mark } from "./mark.tsx";
import { Navigation } from "./navigation.tsx";
import { OfflineBar } from "./offline-bar.tsx";
import { Link, usePath } from "./router.tsx";
import { ThemeSwitch } from "./theme.tsx";
import "./shell.css";

// Of the local cloud alone: a build for AWS holds nothing of it.
const FaultBar = import.meta.env.VITE_LOCAL_CLOUD
  ? lazy(async () => ({ default: (await import("../break/fault-bar.tsx")).FaultBar }))
  : undefined;

/** Moves focus to the new page's heading, as a full load would bring the reader to its top. */
const useFocusOnNavigation = (path: string) => {
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the path changes, not when its value is read
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    scrollTo({ top: 0, behavior: "instant" });
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }, [path]);
};

/** The drawer that narrow screens keep the navigation in. A dialog: focus stays inside, Escape closes. */
const NavigationDrawer = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  const [open, setOpen] = useState(false);
  const close = () => dialog.current?.close();
  const show = () => {
    dialog.current?.showModal();
    setOpen(true);
  };
  return (
    <>
      <Button look="plain" size="icon" className="menu-button" aria-expanded={open} onClick={show}>
        <Icon name="menu" size={20} />
        <span className="hidden-visually">Open navigation</span>
      </Button>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the click closes by the backdrop; Escape is the dialog's own */}
      <dialog
        ref={dialog}
        className="drawer"
        aria-label="Navigation"
        onClose={() => setOpen(false)}
        onClick={(event) => event.target === dialog.current && close()}
      >
        <div className="drawer-body">
          <div className="row apart">
            <Mark />
            <Button look="plain" size="icon" onClick={close} aria-label="Close navigation">
              <Icon name="close" size={18} />
            </Button>
          </div>
          {open && <Navigation label="Main, in the drawer" onFollow={close} />}
        </div>
      </dialog>
    </>
  );
};

/** Everything around a page. */
export const Shell = ({ children }: { children: ReactNode }) => {
  const path = usePath();
  useFocusOnNavigation(path);
  return (
    <div className="shell">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="topbar">
        <NavigationDrawer />
        <Link to="/" className="topbar-mark" aria-label="tenfold, overview">
          <Mark />
        </Link>
        <div className="topbar-tools">
          <ThemeSwitch />
          <AccountMenu />
        </div>
      </header>
      <aside className="sidebar">
        <Navigation label="Main" />
      </aside>
      <main id="content" tabIndex={-1}>
        <OfflineBar />
        {FaultBar && (
          <Suspense>
            <FaultBar />
          </Suspense>
        )}
        {children}
      </main>
    </div>
  );
};
