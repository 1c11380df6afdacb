// Shows ten thousand alerts, as a hub would send them, and scrolls through them.
//   node console-storm.mjs ADDRESS EMAIL PASSWORD COUNT
// Prints {"rows","nodes","blank","slowest","reached"}: most rows and elements that were in the page at a time, how often no row was in
// view, the longest frame in milliseconds, and the last alert that came into view.
import { chromium } from 'playwright-core';

const [address, email, password, countText] = process.argv.slice(2);
const count = Number(countText);
const end = '\u001e';
const severities = ['critical', 'high', 'medium', 'low'];
const alerts = Array.from({ length: count }, (_, index) => ({
  id: `a-${index}`,
  desk: 'default',
  customerId: `customer-${index}`,
  kind: 'churn_risk',
  severity: severities[Math.floor((index * 4) / count)],
  status: 'open',
  raisedAt: new Date(Date.UTC(2026, 0, 1) - index * 60_000).toISOString(),
  title: `Alert number ${index}`,
}));

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-dev-shm-usage', '--no-proxy-server'] });
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en-GB' });
  page.setDefaultTimeout(120_000);
  await page.routeWebSocket(/\/hubs\/alerts/, (socket) =>
    socket.onMessage((text) => {
      for (const part of String(text).split(end).filter((one) => one !== '')) {
        const message = JSON.parse(part);
        if (message.protocol !== undefined) {
          socket.send(`{}${end}`);
        } else if (message.type === 1 && message.target === 'Subscribe') {
          const feed = message.arguments[1] === null ? alerts : [];
          const result = { desk: 'default', sequence: 1, total: count, alerts: feed, changes: [] };
          socket.send(JSON.stringify({ type: 3, invocationId: message.invocationId, result }) + end);
        }
      }
    }),
  );
  await page.goto(address);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.keyboard.press('Enter');
  await page.waitForSelector('#alerts [role="option"]');
  const seen = await page.evaluate(async () => {
    const list = document.querySelector('#alerts [role="listbox"]');
    const found = { rows: 0, nodes: 0, blank: 0, slowest: 0 };
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    let before = await frame();
    while (list.scrollTop + list.clientHeight < list.scrollHeight - 1) {
      list.scrollTop += 4000;
      await frame();
      const now = await frame();
      found.slowest = Math.max(found.slowest, now - before);
      before = now;
      const rows = [...list.querySelectorAll('[role="option"]')];
      const frameOfList = list.getBoundingClientRect();
      const inView = rows.filter((row) => row.getBoundingClientRect().bottom > frameOfList.top && row.getBoundingClientRect().top < frameOfList.bottom);
      found.rows = Math.max(found.rows, rows.length);
      found.nodes = Math.max(found.nodes, document.querySelectorAll('*').length);
      found.blank += inView.length === 0 ? 1 : 0;
    }
    const last = [...list.querySelectorAll('[role="option"]')].at(-1);
    return { ...found, reached: Number(last.getAttribute('aria-posinset')) };
  });
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
