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
    /** Whether the customer wants to be made offers in the shop. */
    consent: (granted) => call('PUT', '/v1/me/consent', { purpose: 'marketing', channel: 'shop', granted }),
    /** Hears of offers that nobody asked for: tells what stands now, null for none, and again whenever that is another. Gives back what ends it. */
    listen(tell) {
      const ends = '\u001e';
      let [socket, wait, isOver] = [null, 1000, false];
      const open = async () => {
        const key = encodeURIComponent(await token());
        if (isOver) return;
        socket = new WebSocket(`${access.engine.replace(/^http/, 'ws')}/hubs/customer?access_token=${key}`);
        let read = '';
        // SignalR's JSON protocol is small enough to be spoken by hand; who says nothing for half a minute is taken for gone.
        const pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send(`{"type":6}${ends}`), 15_000);
        socket.onopen = () => socket.send(`{"protocol":"json","version":1}${ends}`);
        socket.onmessage = ({ data }) => {
          const messages = (read + data).split(ends);
          read = messages.pop();
          for (const message of messages.map((text) => JSON.parse(text)).filter(({ target }) => target === 'NextBestOffer')) {
            wait = 1000;
            tell(message.arguments[0]);
          }
        };
        socket.onclose = () => {
          clearInterval(pings);
          if (!isOver) setTimeout(again, wait);
          wait = Math.min(30_000, wait * 2);
        };
      };
      const again = () => open().catch(() => setTimeout(again, wait));
      again();
      return () => {
        isOver = true;
        socket?.close();
      };
    },
    /** The customer's own profile; null for one whom nobody has seen yet. */
    profile: () => call('GET', '/v1/me'),
  };
}
