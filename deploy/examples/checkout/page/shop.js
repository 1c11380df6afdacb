import { connect } from './engine.js';

const $ = (id) => document.getElementById(id);
const { currency, shippingCents, products } = await (await fetch('/products')).json();
const money = new Intl.NumberFormat('en', { style: 'currency', currency });
const euros = (cents) => money.format(cents / 100);

let engine = null;
let cart = newCart();
let decision = null;
let offer = null;
let stopListening = () => undefined;

/** The cart's number becomes the order's: however often it is sent, it is one order. */
function newCart() {
  return { number: crypto.randomUUID(), lines: new Map() };
}

async function post(path, body = {}) {
  const answer = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.message);
  return json;
}

function make(tag, text = '', className = '') {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

function say(text, isTrouble = false) {
  $('message').textContent = text;
  $('message').className = isTrouble ? 'trouble' : '';
}

async function signIn(customer) {
  const access = await post('/session', { customer });
  engine = connect(access, () => post('/token'));
  [cart, decision] = [newCart(), null];
  say('');
  showConsent(await showAccount());
  stopListening();
  stopListening = engine.listen(showOffer);
  draw();
}

async function showAccount() {
  const profile = await engine.profile();
  $('account').hidden = false;
  $('balance').textContent = profile?.loyalty.balance ?? 0;
  $('tier').textContent = profile?.loyalty.tier ?? 'none';
  return profile;
}

/** Offers come only to who wants them. Nobody new is known yet, so there is nothing to consent to before the first click. */
function showConsent(profile) {
  $('consent').hidden = false;
  $('with-offers').checked = profile?.consent.marketing?.shop?.granted === true;
}

function showOffer(stands) {
  offer = stands;
  $('offer').textContent = stands === null ? '' : `${stands.title}, until ${new Date(stands.validUntil).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })}`;
  draw();
}

function lines() {
  return [...cart.lines].map(([sku, quantity]) => {
    const product = products.find((known) => known.sku === sku);
    return { ...product, price: product.cents / 100, quantity };
  });
}

async function change(sku, by) {
  if (engine === null) {
    say('Please sign in first.', true);
    return;
  }
  const quantity = Math.min(20, Math.max(0, (cart.lines.get(sku) ?? 0) + by));
  if (quantity === 0) cart.lines.delete(sku);
  else cart.lines.set(sku, quantity);
  say('');
  draw();
  const product = products.find((known) => known.sku === sku);
  const event = {
    type: 'track',
    event: by > 0 ? 'Product Added' : 'Product Removed',
    messageId: crypto.randomUUID(),
    properties: { product_id: sku, sku, name: product.name, category: product.category, price: product.cents / 100, currency, quantity: 1 },
  };
  const asked = cart;
  let answer = await engine.decide('cart', lines(), currency, [event]);
  // Answered in time, but of less than there is: by now the engine knows more.
  if (answer.degraded) answer = await engine.decide('cart', lines(), currency, []);
  if (asked !== cart) return;
  decision = answer;
  draw();
}

/** What is to be paid, as the shop's server will work it out as well. */
function sums() {
  const cents = lines().reduce((sum, line) => sum + line.cents * line.quantity, 0);
  const offers = [...(decision?.offers ?? []), ...(offer === null ? [] : [offer])];
  const percent = offers.filter((offer) => offer.kind === 'percent').reduce((sum, offer) => sum + offer.value, 0);
  const discount = Math.round((cents * Math.min(percent, 100)) / 100);
  const shipping = offers.some((offer) => offer.kind === 'shipping') ? 0 : shippingCents;
  const { maxPoints = 0, value } = decision?.redemption ?? {};
  const pointCents = maxPoints > 0 ? (value.amount * 100) / maxPoints : 0;
  const points = pointCents > 0 ? Math.min(maxPoints, Math.floor((cents - discount) / pointCents)) : 0;
  const withPoints = $('with-points').checked ? Math.floor(points * pointCents) : 0;
  return { cents, discount, shipping, points, pointsCents: Math.floor(points * pointCents), withPoints, due: cents - discount + shipping - withPoints };
}

function draw() {
  const inCart = lines();
  const sum = sums();
  const isEmpty = inCart.length === 0;
  $('empty').hidden = !isEmpty;
  $('lines').replaceChildren(...inCart.map(lineOf));
  $('offers').replaceChildren(...(isEmpty ? [] : (decision?.offers ?? [])).map((offer) => make('li', offer.title)));
  $('spend').hidden = isEmpty || sum.points === 0;
  $('spend-text').textContent = `Pay ${euros(sum.pointsCents)} with ${sum.points} points`;
  $('sums').hidden = isEmpty;
  $('sums').replaceChildren(
    ...sumOf('Articles', euros(sum.cents)),
    ...(sum.discount > 0 ? sumOf('Discount', '-' + euros(sum.discount)) : []),
    ...sumOf('Shipping', sum.shipping === 0 ? 'free' : euros(sum.shipping)),
    ...(sum.withPoints > 0 ? sumOf('Points', '-' + euros(sum.withPoints)) : []),
    ...sumOf('To pay', euros(sum.due), 'due'),
  );
  drawProgress(isEmpty);
  $('order').disabled = isEmpty || decision === null;
  const known = (isEmpty ? [] : (decision?.recommendations ?? [])).map(({ sku }) => products.find((product) => product.sku === sku)).filter(Boolean);
  $('also').hidden = known.length === 0;
  $('recommended').replaceChildren(...known.map((product) => withButton(make('li'), `${product.name} ${euros(product.cents)}`, () => change(product.sku, 1))));
}

function drawProgress(isEmpty) {
  const tier = decision?.tier;
  $('progress').hidden = isEmpty || tier === undefined;
  if ($('progress').hidden) return;
  const reached = tier.points + decision.tentativePoints;
  $('bar').style.width = tier.next === null ? '100%' : `${Math.min(100, (100 * reached) / (tier.points + tier.needed))}%`;
  const earns = `This cart earns up to ${decision.tentativePoints} points`;
  // What is given off counts for no tier.
  const { cents, discount, withPoints } = sums();
  const missing = tier.toSpend === null ? null : Math.round(tier.toSpend.amount * 100) - (cents - discount - withPoints);
  $('progress-text').textContent = tier.next === null || missing === null ? `${earns}.`
    : missing <= 0 ? `${earns} and makes you ${tier.next}.`
    : `${earns}. Another ${euros(missing)} and you are ${tier.next}.`;
}

function lineOf(line) {
  const item = make('li');
  item.append(make('span', line.name, 'name'), make('span', euros(line.cents * line.quantity), 'amount'));
  const steps = make('span', '', 'steps');
  withButton(steps, '−', () => change(line.sku, -1), `One ${line.name} less`);
  steps.append(make('span', String(line.quantity)));
  withButton(steps, '+', () => change(line.sku, 1), `One ${line.name} more`);
  item.append(steps);
  return item;
}

function sumOf(name, amount, className = '') {
  return [make('dt', name, className), make('dd', amount, className)];
}

function withButton(parent, text, act, label = text) {
  const button = make('button', text);
  button.type = 'button';
  button.setAttribute('aria-label', label);
  button.addEventListener('click', () => act().catch((error) => say(error.message, true)));
  parent.append(button);
  return parent;
}

async function placeOrder() {
  $('order').disabled = true;
  try {
    const placed = await post('/orders', {
      cart: cart.number,
      lines: lines().map(({ sku, quantity }) => ({ sku, quantity })),
      decisionId: decision.decisionId,
      withPoints: $('with-points').checked,
    });
    const before = $('tier').textContent;
    [cart, decision] = [newCart(), null];
    $('with-points').checked = false;
    const profile = await showAccount();
    const tier = profile.loyalty.tier ?? 'none';
    say(`Thank you. Order ${placed.orderId.slice(-8)} is placed: ${euros(placed.paidCents)}${placed.points > 0 ? ` and ${placed.points} points` : ''}.`
      + (tier === before ? '' : ` You are ${tier} now.`));
  } catch (error) {
    say(error.message, true);
  }
  draw();
}

$('products').append(...products.map((product) => {
  const card = make('li');
  card.append(make('span', '', `picture ${product.sku}`), make('strong', product.name), make('span', euros(product.cents), 'quiet'));
  return withButton(card, 'Add to cart', () => change(product.sku, 1), `Add to cart: ${product.name}`);
}));
$('with-points').addEventListener('change', draw);
$('with-offers').addEventListener('change', (event) => engine.consent(event.target.checked).catch((error) => say(error.message, true)));
$('order').addEventListener('click', placeOrder);
$('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  signIn($('customer').value).catch((error) => say(error.message, true));
});
draw();
