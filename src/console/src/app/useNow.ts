import { useEffect, useState } from 'react';

/**
 * The present, in milliseconds since the epoch, renewed every `every` milliseconds. Cut to that step, so that all who show
 * an age agree on it.
 */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => present(every));
  useEffect(() => {
    setNow(present(every));
    const timer = window.setInterval(() => setNow(present(every)), every);
    return () => window.clearInterval(timer);
  }, [every]);
  return now;
}

function present(step: number): number {
  return Math.floor(Date.now() / step) * step;
}
