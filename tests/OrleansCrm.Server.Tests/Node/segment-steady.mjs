// Sends a numbered event every 30 ms with Segment's own SDK until its input ends (at most MAX events), and says at the end how many it sent and
// which it gave up on. Out of the box it gives up on what failed for some ten seconds; a server may start as slowly as that on a busy machine.
// node segment-steady.mjs ADDRESS WRITE_KEY CUSTOMER MAX
import { Analytics } from '@segment/analytics-node';

const [host, writeKey, customer, max] = process.argv.slice(2);
const failed = [];
const analytics = new Analytics({ writeKey, host, path: '/v1/batch', flushInterval: 200, maxRetries: 10 });
analytics.on('error', (error) => failed.push(String(error.code ?? error)));
let sent = 0;
const timer = setInterval(() => {
  if (sent < Number(max)) {
    analytics.track({ userId: customer, event: 'Product Viewed', messageId: `${customer}-${sent}`, properties: { product_id: `p${sent++}` } });
  }
}, 30);
process.stdin.resume();
process.stdin.on('end', async () => {
  clearInterval(timer);
  await analytics.closeAndFlush({ timeout: 90000 });
  console.log(JSON.stringify({ failed, sent }));
});
