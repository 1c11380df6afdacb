import { readAlert, type Alert, type AlertChange, type AlertsChanged } from '../api/alerts';

/** An open alert with the fields a test cares about. */
export function alert(id: string, fields: Record<string, unknown> = {}): Alert {
  const read = readAlert({
    id,
    desk: 'default',
    customerId: 'user:17850',
    kind: 'churn_risk',
    severity: 'high',
    status: 'open',
    raisedAt: '2026-03-01T10:00:00Z',
    title: `Alert ${id}`,
    ...fields,
  });
  if (read === null) {
    throw new Error('an alert needs an id');
  }
  return read;
}

/** Changes numbered `from + 1` onwards, one for each alert. */
export function changes(from: number, ...alerts: Alert[]): AlertChange[] {
  return alerts.map((item, index) => ({ sequence: from + 1 + index, alert: item }));
}

/** A push message that carries these alerts as the changes after `from`. */
export function pushed(from: number, ...alerts: Alert[]): AlertsChanged {
  return { desk: 'default', from, sequence: from + alerts.length, changes: changes(from, ...alerts) };
}
