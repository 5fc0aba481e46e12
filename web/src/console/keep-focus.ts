import { useEffect } from "react";

const FOCUSABLE = "a[href], button:not(:disabled), summary, input, select, textarea, [tabindex]";

const withParents = (element: Element): readonly Element[] => {
  const trail: Element[] = [];
  for (let one: Element | null = element; one; one = one.parentElement) trail.push(one);
  return trail;
};

/**
 * A row that is deleted takes focus with it, and a keyboard user would start again at the top of the page. What stands
 * nearest to it gets focus instead.
 */
export const useKeepFocus = (): void => {
  useEffect(() => {
    let trail: readonly Element[] = [];
    const note = ({ target }: FocusEvent) => {
      if (target instanceof Element) trail = withParents(target);
    };
    const observer = new MutationObserver(() => {
      const [last] = trail;
      if (!last || last.isConnected || document.activeElement !== document.body) return;
      const place = trail.find((one) => one.isConnected && one.querySelector(FOCUSABLE));
      trail = [];
      if (place?.closest("main")) place.querySelector<HTMLElement>(FOCUSABLE)?.focus();
    });
    document.addEventListener("focusin", note);
    observer.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener("focusin", note);
      observer.disconnect();
    };
  }, []);
};
