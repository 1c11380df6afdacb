// A hub client that the tests drive: commands come in as JSON lines, answers and pushes go out as JSON lines.
import { createInterface } from 'node:readline';
import { HttpTransportType, HubConnectionBuilder, LogLevel } from '@microsoft/signalr';

const [url, token, transport] = process.argv.slice(2);
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n');

const connection = new HubConnectionBuilder()
  .withUrl(url, { accessTokenFactory: () => token, transport: HttpTransportType[transport ?? 'WebSockets'] })
  .configureLogging(LogLevel.None)
  .build();

connection.on('AlertsChanged', (message) => say({ pushed: message }));
for (const name of ['PresenceChanged', 'LookersChanged', 'NextBestOffer']) {
  connection.on(name, (message) => say({ told: name, message }));
}
connection.onclose((error) => say({ closed: error?.message ?? '' }));

try {
  await connection.start();
  say({ connected: true });
} catch (error) {
  say({ closed: error.message });
  process.exit(0);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { call, method, args } = JSON.parse(line);
  connection
    .invoke(method, ...args)
    .then((result) => say({ call, result }))
    .catch((error) => say({ call, error: error.message }));
}
await connection.stop();
