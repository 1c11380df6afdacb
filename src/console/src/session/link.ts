/**
 * The token of a sign-in link (`#signin=...`), taken out of the address at once: neither the history nor a copied address
 * may carry it. Null when the address is no such link.
 */
export function takeLinkToken(): string | null {
  const { hash, pathname, search } = window.location;
  if (!hash.startsWith('#signin=')) {
    return null;
  }
  window.history.replaceState(null, '', pathname + search);
  const token = decode(hash.slice('#signin='.length));
  return token === '' ? null : token;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
