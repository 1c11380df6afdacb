import { useEffect, useState } from 'react';

/** Counts up every so many milliseconds while the page can be seen; what nobody looks at asks for nothing. */
export function useTick(milliseconds: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (document.visibilityState === 'visible') {
        setTick((count) => count + 1);
      }
    }, milliseconds);
    return () => window.clearInterval(timer);
  }, [milliseconds]);
  return tick;
}
