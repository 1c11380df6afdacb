import type { ReactNode } from 'react';

/** Text of the document, with what stands between backticks as code. */
export function Prose({ text }: { text: string | undefined }): ReactNode {
  return (text ?? '').split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
