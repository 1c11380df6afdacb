// The shop: it knows prices and who has signed in, and it alone holds the keys. What a browser gets is a token that is good for that customer.
//   WRITE_KEY=... API_KEY=... node server.mjs
import { createServer } from 'node:http';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';

const engine = new URL(process.env.ENGINE ?? 'http://127.0.0.1:5080').origin;
const port = Number(process.env.PORT ?? 8080);
const writeKey = process.env.WRITE_KEY ?? '';
const apiKey = process.env.API_KEY ?? '';
if (writeKey === '' || apiKey === '') {
  console.error('WRITE_KEY and API_KEY are needed; both stand in first-keys.txt of the engine\'s data.');
  process.exit(2);
}

const currency = 'EUR';
const shippingCents = 490;
const products = [
  { sku: 'lamp-arc', name: 'Arc lamp', category: 'Lamps', cents: 8900 },
  { sku: 'lamp-desk', name: 'Desk lamp', category: 'Lamps', cents: 3990 },
  { sku: 'bulb-warm', name: 'Warm bulbs, three', category: 'Bulbs', cents: 1250 },
  { sku: 'shade-linen', name: 'Linen shade', category: 'Shades', cents: 2400 },
  { sku: 'cord-red', name: 'Red fabric cord', category: 'Parts', cents: 990 },
  { sku: 'dimmer', name: 'Dimmer', category: 'Parts', cents: 1890 },
];

const sessionsMax = 10_000;
const bodyBytesMax = 64 * 1024;
const quantityMax = 20;
const offerMinutes = 30;
const tokenSeconds = 900;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

// What a real shop keeps in its database: who is signed in, and what became of each order.
const sessions = new Map();
const orders = new Map();

const policy = `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' ${engine} ${engine.replace(/^http/, 'ws')}; `
  + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const files = new Map([
  ['/', ['index.html', 'text/html; charset=utf-8']],
  ['/shop.js', ['shop.js', 'text/javascript; charset=utf-8']],
  ['/engine.js', ['engine.js', 'text/javascript; charset=utf-8']],
  ['/shop.css', ['shop.css', 'text/css; charset=utf-8']],
]);

/** A refusal with words for the customer. */
class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Asks the engine. What a repeat can cure is tried again, which is safe: everything sent here names itself. */
async function ask(method, path, key, body, headers = {}) {
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(engine + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    }).catch((error) => error);
    const isBusy = answer instanceof Error || answer.status === 429 || answer.status === 503;
    if (!isBusy) return { status: answer.status, json: await answer.json().catch(() => null) };
    if (attempt === 3) throw new Refusal(503, 'The shop cannot take this right now. Please try again.');
    const seconds = answer instanceof Error ? 1 : Number(answer.headers.get('retry-after') ?? 1);
    await new Promise((resolve) => setTimeout(resolve, Math.min(5, seconds) * 1000));
  }
}

const pathOf = (customer) => `/v1/customers/user:${encodeURIComponent(customer)}`;

async function tokenFor(customer) {
  const made = await ask('POST', `${pathOf(customer)}/tokens`, apiKey, { scopes: ['decisions', 'self'], seconds: tokenSeconds });
  if (made.status !== 201) throw new Refusal(502, 'The shop cannot sign you in right now.');
  return { customer, engine, token: made.json.token, expiresAt: made.json.expiresAt };
}

/** Here a shop asks for a password. This one believes everybody, so it is for trying out alone. */
async function signIn(body) {
  const customer = typeof body.customer === 'string' ? body.customer.trim().toLowerCase() : '';
  if (!/^[a-z0-9-]{1,40}$/.test(customer)) throw new Refusal(400, 'A name has 1 to 40 letters, digits and hyphens.');
  const id = randomUUID();
  if (sessions.size >= sessionsMax) sessions.delete(sessions.keys().next().value);
  sessions.set(id, customer);
  return { cookie: `session=${id}; HttpOnly; SameSite=Strict; Path=/`, ...(await tokenFor(customer)) };
}

/** The cart as the shop knows it: of what the browser says only articles and quantities are believed. */
function priceOf(lines) {
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > products.length) throw new Refusal(400, 'The cart is empty.');
  const priced = lines.map(({ sku, quantity }) => {
    const product = products.find((known) => known.sku === sku);
    if (product === undefined || !Number.isInteger(quantity) || quantity < 1 || quantity > quantityMax)
      throw new Refusal(400, 'There is no such article, or not that many.');
    return { ...product, quantity };
  });
  return { lines: priced, cents: priced.reduce((sum, line) => sum + line.cents * line.quantity, 0) };
}

/** What was decided for this customer a moment ago. The browser names it, the engine tells what it said. */
async function decidedFor(customer, decisionId) {
  if (typeof decisionId !== 'string' || decisionId === '') return { offers: [], redemption: { maxPoints: 0 } };
  const told = await ask('GET', `/v1/decisions/${encodeURIComponent(decisionId)}`, apiKey);
  const isFresh = told.status === 200 && Date.now() - Date.parse(told.json.decision.asOf) < offerMinutes * 60_000;
  if (!isFresh || told.json.customerId !== customer) throw new Refusal(409, 'These offers are no longer good. Please look again.');
  return told.json.decision;
}

/** What stands for this customer without having been asked for; it is gone when it is over. */
async function offerFor(customer) {
  const told = await ask('GET', pathOf(customer), apiKey);
  return told.status === 200 && told.json.nextBestOffer !== null ? [told.json.nextBestOffer] : [];
}

function discountOf(cents, offers) {
  const percent = offers.filter((offer) => offer.kind === 'percent').reduce((sum, offer) => sum + offer.value, 0);
  return {
    discount: Math.round((cents * Math.min(percent, 100)) / 100),
    shipping: offers.some((offer) => offer.kind === 'shipping') ? 0 : shippingCents,
  };
}

/**
 * Holds points, takes the money, reports the order, spends the points. The order's number is the cart's, and everything is sent under
 * it: whoever clicks twice, or comes back after a failure, has ordered once.
 */
async function placeOrder(customer, { cart, lines, decisionId, withPoints }) {
  const { lines: priced, cents } = priceOf(lines);
  const decision = await decidedFor(customer, decisionId);
  const standing = await offerFor(customer);
  const { discount, shipping } = discountOf(cents, [...decision.offers, ...standing]);
  const due = cents - discount + shipping;
  const orderId = `shop-${cart}`;
  const { maxPoints, value } = decision.redemption;
  const pointCents = withPoints && maxPoints > 0 ? (value.amount * 100) / maxPoints : 0;
  const points = pointCents > 0 ? Math.min(maxPoints, Math.floor((cents - discount) / pointCents)) : 0;
  let holdId = null;
  if (points > 0) {
    const hold = await ask('POST', `${pathOf(customer)}/redemptions`, apiKey, { points, orderId }, { 'idempotency-key': orderId });
    if (hold.status !== 201) throw new Refusal(409, 'These points cannot be spent any more. Please look again.');
    holdId = hold.json.holdId;
  }

  // Here a shop takes the money; if that fails it cancels the hold.
  const paid = due - Math.floor(points * pointCents);
  const taken = await ask('POST', '/v1/track', writeKey, {
    userId: customer,
    event: 'Order Completed',
    messageId: orderId,
    properties: {
      order_id: orderId,
      revenue: (paid - shipping) / 100,
      total: paid / 100,
      shipping: shipping / 100,
      discount: discount / 100,
      currency,
      coupon: standing.find((offer) => offer.coupon !== undefined)?.coupon,
      products: priced.map((line) => ({ product_id: line.sku, sku: line.sku, category: line.category, price: line.cents / 100, quantity: line.quantity })),
    },
  });
  if (taken.status !== 200 || taken.json.rejected.length > 0) {
    if (holdId !== null) await ask('POST', `${pathOf(customer)}/redemptions/${holdId}/cancel`, apiKey);
    throw new Refusal(502, 'The order could not be taken. Nothing was charged.');
  }

  if (holdId !== null) await ask('POST', `${pathOf(customer)}/redemptions/${holdId}/commit`, apiKey);
  return { orderId, paidCents: paid, discountCents: discount, shippingCents: shipping, points };
}

function order(customer, body) {
  if (!uuid.test(body.cart)) throw new Refusal(400, 'The cart has no number.');
  const key = `${customer} ${body.cart}`;
  if (!orders.has(key)) {
    if (orders.size >= sessionsMax) orders.delete(orders.keys().next().value);
    const placed = placeOrder(customer, body);
    orders.set(key, placed);
    placed.catch(() => orders.delete(key));
  }
  return orders.get(key);
}

async function bodyOf(request) {
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) throw new Refusal(415, 'JSON is wanted.');
  const parts = [];
  let length = 0;
  for await (const part of request) {
    length += part.length;
    if (length > bodyBytesMax) throw new Refusal(413, 'That is too much.');
    parts.push(part);
  }
  try {
    const body = JSON.parse(Buffer.concat(parts).toString('utf8'));
    if (typeof body === 'object' && body !== null) return body;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new Refusal(400, 'This is no JSON object.');
}

async function answer(request) {
  const { pathname } = new URL(request.url, 'http://shop');
  const customer = sessions.get(/(?:^|; )session=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]);
  switch (`${request.method} ${pathname}`) {
    case 'GET /products':
      return { currency, shippingCents, products };
    case 'POST /session':
      return signIn(await bodyOf(request));
    case 'POST /token':
    case 'POST /orders': {
      const body = await bodyOf(request);
      if (customer === undefined) throw new Refusal(401, 'Please sign in.');
      return pathname === '/token' ? tokenFor(customer) : order(customer, body);
    }
    default:
      throw new Refusal(404, 'There is no such page.');
  }
}

const server = createServer(async (request, response) => {
  response.setHeader('content-security-policy', policy);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cache-control', 'no-store');
  try {
    const file = request.method === 'GET' ? files.get(new URL(request.url, 'http://shop').pathname) : undefined;
    if (file !== undefined) {
      response.setHeader('content-type', file[1]);
      response.end(await readFile(new URL(`page/${file[0]}`, import.meta.url)));
      return;
    }
    const { cookie, ...body } = await answer(request);
    if (cookie !== undefined) response.setHeader('set-cookie', cookie);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  } catch (error) {
    // What went wrong with the engine, and the keys that were used, are nothing for a browser.
    if (!(error instanceof Refusal)) console.error(error);
    response.statusCode = error instanceof Refusal ? error.status : 500;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ message: error instanceof Refusal ? error.message : 'The shop has made a mistake.' }));
  }
});
server.listen(port, '127.0.0.1', () => console.log(`The shop is open at http://127.0.0.1:${server.address().port}`));
