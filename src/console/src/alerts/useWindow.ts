import { useEffect, useRef, useState, type RefObject } from 'react';
import { flushSync } from 'react-dom';

/** Rows kept above and below those in view, so that scrolling shows no gaps. */
const overscan = 6;

/** Height assumed before the page has been laid out, in pixels. */
const heightBefore = 900;

export interface Frame {
  readonly first: number;
  /** One past the last. */
  readonly end: number;
}

/** Which rows of a list of `count` equally high rows have to be in the page. Says when the reader leaves the top of the list. */
export function useWindow(
  list: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
  onScrolled: (down: boolean) => void,
): Frame {
  const [first, setFirst] = useState(0);
  const [rows, setRows] = useState(Math.ceil(heightBefore / rowHeight));
  const told = useRef(onScrolled);
  told.current = onScrolled;
  const isThere = count > 0;

  useEffect(() => {
    const pane = list.current;
    if (pane === null) {
      return undefined;
    }
    const look = (): void => {
      setFirst(Math.floor(pane.scrollTop / rowHeight));
      if (pane.clientHeight > 0) {
        setRows(Math.ceil(pane.clientHeight / rowHeight) + 1);
      }
    };
    const onScroll = (): void => {
      // Within this frame: on a busy machine React would come to it some frames later, and the reader would see none of the rows until then.
      flushSync(look);
      told.current(pane.scrollTop >= rowHeight);
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(pane);
    pane.addEventListener('scroll', onScroll, { passive: true });
    return () => {
      observer.disconnect();
      pane.removeEventListener('scroll', onScroll);
    };
  }, [list, rowHeight, isThere]);

  const from = Math.max(0, Math.min(first, count - 1) - overscan);
  return { first: from, end: Math.min(count, first + rows + overscan) };
}
