import { type RefObject, useEffect, useState } from "react";

/** Width of an element in pixels, as it changes: pictures drawn in pixels keep their lines and words undistorted. */
export const useWidth = (element: RefObject<Element | null>, first = 600): number => {
  const [width, setWidth] = useState(first);
  useEffect(() => {
    const target = element.current;
    if (!target) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) setWidth(Math.floor(entry.contentRect.width));
    });
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return width;
};
