import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import type { HubLink } from './deskConnection';

/** The real hub, on the page's own origin. Silent: its log would name addresses that carry the token. */
export function alertsHub(accessToken: () => string): HubLink {
  return new HubConnectionBuilder()
    .withUrl('/hubs/alerts', { accessTokenFactory: accessToken, withCredentials: false })
    .configureLogging(LogLevel.None)
    .build();
}
