import { useCallback, useState } from 'react';
import { bulkMax, commandAll, type Alert, type BulkAction } from '../api/alerts';
import { failureText } from '../app/Page';
import type { Texts } from '../i18n/en';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';

export interface Bulk {
  /** The alerts that are marked, of those in the list. */
  readonly marked: ReadonlySet<string>;
  readonly busy: boolean;
  /** What the last command came to; null when there is nothing to say. */
  readonly said: { readonly text: string; readonly failed: boolean } | null;
  toggle(id: string): void;
  markAll(): void;
  clear(): void;
  run(action: BulkAction): Promise<void>;
}

/** Alerts that are marked in the list, and commands for all of them. */
export function useBulk(alerts: readonly Alert[]): Bulk {
  const texts = useTexts();
  const { http } = useSession();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Bulk['said']>(null);
  const marked = chosen.size === 0 ? chosen : new Set(alerts.map((alert) => alert.id).filter((id) => chosen.has(id)));

  const toggle = useCallback((id: string) => {
    setSaid(null);
    setChosen((before) => {
      const next = new Set(before);
      if (!next.delete(id) && next.size < bulkMax) {
        next.add(id);
      }
      return next;
    });
  }, []);

  return {
    marked,
    busy,
    said,
    toggle,
    markAll: () => setChosen(new Set(alerts.slice(0, bulkMax).map((alert) => alert.id))),
    clear: () => {
      setChosen(new Set());
      setSaid(null);
    },
    run: async (action) => {
      const ids = [...marked];
      if (busy || ids.length === 0) {
        return;
      }
      setBusy(true);
      try {
        const refused = await commandAll(http, ids, action);
        // What was refused stays marked, to be looked at.
        setChosen(new Set(refused.keys()));
        setSaid({ text: tell(texts, ids.length - refused.size, refused), failed: refused.size > 0 });
      } catch (failure) {
        setSaid({ text: failureText(failure, texts.page), failed: true });
      } finally {
        setBusy(false);
      }
    },
  };
}

function tell(texts: Texts, done: number, refused: ReadonlyMap<string, string>): string {
  if (refused.size === 0) {
    return texts.bulk.done(done);
  }
  const reasons = [...new Set(refused.values())].map((code) => texts.bulk.reasons[code] ?? code);
  return texts.bulk.partly(done, refused.size, reasons.join(', '));
}
