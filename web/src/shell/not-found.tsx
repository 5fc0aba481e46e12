import { Link, useTitle } from "./router.tsx";

/** 404 of the page's own routes. */
export const NotFound = () => {
  useTitle("Not found");
  return (
    <div className="stack">
      <p className="eyebrow">404</p>
      <h1 tabIndex={-1}>There is no page here</h1>
      <p className="quiet">The address may be mistyped, or the page may have moved.</p>
      <p>
        <Link to="/">Go to the overview</Link>
      </p>
    </div>
  );
};
