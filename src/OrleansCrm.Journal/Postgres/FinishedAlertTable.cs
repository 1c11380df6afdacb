using static OrleansCrm.Journal.Postgres.PostgresSession;

namespace OrleansCrm.Journal.Postgres;

/// <summary>What is kept of alerts that are over, by tenant and instant.</summary>
internal static class FinishedAlertTable
{
    public static async Task WriteAsync(PostgresSession session, DeskWrite write)
    {
        foreach (var alert in write.Finished)
        {
            await session.RunAsync(
                """
                INSERT INTO orleanscrm.alert_finished(
                    tenant, finished, alert_id, desk, kind, severity, resolved, outcome, agent, recorded, taken, due)
                VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING
                """,
                Value(write.Tenant), Value(alert.FinishedMs), Value(alert.AlertId), Value(alert.Desk), Value(alert.Kind), Value(alert.Severity),
                Value(alert.IsResolved), Value(alert.Outcome), Value(alert.Agent), Value(alert.RecordedMs), Value(alert.TakenMs), Value(alert.DueMs))
                .ConfigureAwait(false);
        }

        if (write.ForgetFinishedBeforeMs > 0)
        {
            await session.RunAsync(
                "DELETE FROM orleanscrm.alert_finished WHERE tenant = $1 AND finished < $2",
                Value(write.Tenant), Value(write.ForgetFinishedBeforeMs)).ConfigureAwait(false);
        }
    }

    public static Task<FinishedAlert[]> ReadAsync(
        PostgresSession session, string tenant, string desk, long fromMs, long untilMs, int max, CancellationToken cancellation) => session.ReadAsync(
        row => new FinishedAlert(
            row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetBoolean(4), row.GetString(5), row.GetString(6),
            row.GetInt64(7), row.GetInt64(8), row.GetInt64(9), row.GetInt64(10)),
        cancellation,
        Statement(
            """
            SELECT alert_id, desk, kind, severity, resolved, outcome, agent, recorded, taken, due, finished FROM orleanscrm.alert_finished
            WHERE tenant = $1 AND finished >= $2 AND finished < $3 AND ($4 = '' OR desk = $4) ORDER BY finished, alert_id LIMIT $5
            """,
            Value(tenant), Value(fromMs), Value(untilMs), Value(desk), Value(max)));
}
