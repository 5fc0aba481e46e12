/** Text as it stands, in a frame that scrolls. */
export const Code = ({ label, text }: { label: string; text: string }) => (
  <section aria-label={label}>
    {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
    <pre className="console-code" tabIndex={0}>
      {text}
    </pre>
  </section>
);
