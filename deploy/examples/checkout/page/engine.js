// What a page may ask the engine for itself: it has a token that is good for the customer who is signed in, for minutes, and no key.

/** @param renew gives {customer, engine, token, expiresAt}; the shop's server makes it for whoever is signed in there. */
export function connect(access, renew) {
  const path = `/v1/customers/user:${encodeURIComponent(access.customer)}`;
  let asking = Promise.resolve();

  async function token() {
    if (Date.parse(access.expiresAt) - Date.now() < 30_000) access = await renew();
    return access.token;
  }

  async function call(method, where, body) {
    const answer = await fetch(access.engine + where, {
      method,
      headers: { authorization: `Bearer ${await token()}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (answer.status === 404) return null;
    if (!answer.ok) throw new Error(`The engine said ${answer.status}.`);
    return answer.json();
  }

  return {
    /** What happened and what is to be shown, in one call: the decision sees the events. One at a time, so that the last question has the last word. */
    decide(placement, lines, currency, events) {
      const question = {
        placement,
        cart: { currency, items: lines.map(({ sku, category, price, quantity }) => ({ sku, category, price, quantity })) },
        events,
      };
      asking = asking.catch(() => undefined).then(() => call('POST', `${path}/decisions`, question));
      return asking;
    },
    /** The customer's own profile; null for one whom nobody has seen yet. */
    profile: () => call('GET', '/v1/me'),
  };
}
