import type { ReactNode } from "react";
import { useTitle } from "../shell/router.tsx";

/** A console page's heading: its name, one line about it, and its tools at the right. */
export const PageHead = ({
  title,
  lead,
  eyebrow,
  children,
}: {
  title: string;
  lead?: ReactNode;
  eyebrow?: ReactNode;
  children?: ReactNode;
}) => {
  useTitle(`${title} · Console`);
  return (
    <header className="console-head">
      <div>
        {eyebrow && <p className="eyebrow">{eyebrow}</p>}
        <h1 tabIndex={-1}>{title}</h1>
        {lead && <p className="small quiet">{lead}</p>}
      </div>
      {children && <div className="row">{children}</div>}
    </header>
  );
};
