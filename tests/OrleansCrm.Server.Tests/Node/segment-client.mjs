// Sends numbered events of one customer with Segment's own SDK and says at the end which it gave up on.
// node segment-client.mjs ADDRESS WRITE_KEY CUSTOMER COUNT
import { Analytics } from '@segment/analytics-node';

const [host, writeKey, customer, count] = process.argv.slice(2);
const failed = [];
const analytics = new Analytics({ writeKey, host, path: '/v1/batch', flushAt: 10, flushInterval: 200, maxRetries: 10, httpRequestTimeout: 20000 });
analytics.on('error', (error) => failed.push(String(error.code ?? error)));
for (let i = 0; i < Number(count); i++) {
  analytics.track({ userId: customer, event: 'Product Viewed', messageId: `${customer}-${i}`, properties: { product_id: `p${i}` } });
}
await analytics.closeAndFlush({ timeout: 90000 });
console.log(JSON.stringify({ failed }));
