import { useEffect, useState } from 'react';

/**
 * The present, in milliseconds since the epoch, renewed every `every` milliseconds. Cut to that step and
 * renewed on it, so that all who show an age agree.
 */
export function useNow(every: number): number {
  const [now, setNow] = useState(() => present(every));
  useEffect(() => {
    let timer = 0;
    const tick = (): void => {
      setNow(present(every));
      timer = window.setTimeout(tick, every - (Date.now() % every));
    };
    tick();
    return () => window.clearTimeout(timer);
  }, [every]);
  return now;
}

function present(step: number): number {
  return Math.floor(Date.now() / step) * step;
}
