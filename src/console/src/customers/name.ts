import type { Json } from '../api/read';
import { asObject, asText, asTextOrNull } from '../api/read';

/** What to call a customer: a name if one is known, else the address, else the id without its kind. */
export function customerName(customerId: string, profile: Json): string {
  const traits = asObject(profile['traits']) ?? {};
  return nameIn(profile) ?? nameIn(traits) ?? bareId(customerId || asText(profile['id']));
}

/** `user` or `anonymous` when the short profile or the id says so. */
export function customerKind(customerId: string, profile: Json): string | null {
  return asTextOrNull(profile['kind']) ?? /^(user|anonymous):/.exec(customerId)?.[1] ?? null;
}

export function bareId(customerId: string): string {
  return customerId.replace(/^(user|anonymous):/, '');
}

function nameIn(source: Json): string | null {
  const parts = [source['firstName'] ?? source['first_name'], source['lastName'] ?? source['last_name']];
  const whole = parts.map(asText).filter((part) => part !== '').join(' ');
  return asTextOrNull(source['name']) ?? asTextOrNull(whole) ?? asTextOrNull(source['email']);
}
