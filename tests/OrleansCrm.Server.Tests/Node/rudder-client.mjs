// Sends numbered events of one customer with RudderStack's own SDK. It gives up after 1.6 s: that is its way, not a failure.
// node rudder-client.mjs ADDRESS WRITE_KEY CUSTOMER COUNT
import RudderAnalytics from '@rudderstack/rudder-sdk-node';

const [dataPlaneUrl, writeKey, customer, count] = process.argv.slice(2);
const failed = [];
const Client = RudderAnalytics.default ?? RudderAnalytics;
const client = new Client(writeKey, { dataPlaneUrl, path: '/v1/batch', flushAt: 10, flushInterval: 200, errorHandler: (error) => failed.push(String(error.message ?? error)) });
let left = Number(count);
await new Promise((resolve) => {
  for (let i = 0; i < Number(count); i++) {
    client.track({ userId: customer, event: 'Product Viewed', messageId: `${customer}-${i}`, properties: { product_id: `p${i}` } }, () => {
      if (--left === 0) resolve();
    });
  }
});
console.log(JSON.stringify({ failed }));
process.exit(0);
