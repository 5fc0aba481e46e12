/** Text with `code` in backticks, as summaries are written. */
export const Prose = ({ text }: { text: string }) => (
  <>
    {text.split("`").map((part, i) =>
      i % 2 === 0 ? (
        part
      ) : (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed text in their order
        <code key={i}>{part}</code>
      ),
    )}
  </>
);
