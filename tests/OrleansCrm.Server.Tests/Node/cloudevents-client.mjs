// Sends numbered events of one customer with the CloudEvents SDK in its three modes. The SDK takes any answer for one and never tries again,
// so this sender looks at the answer and does.
// node cloudevents-client.mjs ADDRESS WRITE_KEY CUSTOMER COUNT
import { CloudEvent, Mode, emitterFor, httpTransport } from 'cloudevents';

const [address, writeKey, customer, count] = process.argv.slice(2);
const failed = [];
const transport = httpTransport(`${address}/v1/events?writeKey=${writeKey}`);
const binary = emitterFor(transport);
const structured = emitterFor(transport, { mode: Mode.STRUCTURED });
const batched = (events) => transport({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body: JSON.stringify(events) });

const send = async (events, emit) => {
  for (let attempt = 0; attempt < 50; attempt++) {
    try {
      const { accepted, duplicate } = JSON.parse((await emit()).body);
      if (accepted + duplicate === events.length) return;
    } catch (error) {
      failed.reason = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  failed.push(`${events[0].id}: ${failed.reason}`);
};

const events = Array.from({ length: Number(count) }, (_, i) => new CloudEvent({
  id: `${customer}-${i}`, source: '/interop', type: 'com.example.product.viewed', subject: customer, data: { product_id: `p${i}`, name: 'Grüße €' },
}));
const third = Math.ceil(events.length / 3);
for (const event of events.slice(0, third)) await send([event], () => binary(event));
for (const event of events.slice(third, 2 * third)) await send([event], () => structured(event));
for (let i = 2 * third; i < events.length; i += 5) await send(events.slice(i, i + 5), () => batched(events.slice(i, i + 5)));
console.log(JSON.stringify({ failed }));
