namespace OrleansCrm.Journal.Sqlite;

/// <summary>What is kept of alerts that are over, by tenant and instant.</summary>
internal static class FinishedAlertTable
{
    public static void Write(SqliteSession session, DeskWrite write)
    {
        foreach (var alert in write.Finished)
        {
            session.Prepare(
                """
                INSERT OR REPLACE INTO alert_finished(
                    tenant, finished, alert_id, desk, kind, severity, resolved, outcome, agent, recorded, taken, due)
                VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
                .Bind(write.Tenant).Bind(alert.FinishedMs).Bind(alert.AlertId).Bind(alert.Desk).Bind(alert.Kind).Bind(alert.Severity)
                .Bind(alert.IsResolved ? 1 : 0).Bind(alert.Outcome).Bind(alert.Agent).Bind(alert.RecordedMs).Bind(alert.TakenMs).Bind(alert.DueMs).Run();
        }

        if (write.ForgetFinishedBeforeMs > 0)
        {
            session.Prepare("DELETE FROM alert_finished WHERE tenant = ? AND finished < ?")
                .Bind(write.Tenant).Bind(write.ForgetFinishedBeforeMs).Run();
        }
    }

    public static FinishedAlert[] Read(SqliteSession session, string tenant, string desk, long fromMs, long untilMs, int max)
    {
        var alerts = new List<FinishedAlert>();
        using var rows = session.Prepare(
            """
            SELECT alert_id, desk, kind, severity, resolved, outcome, agent, recorded, taken, due, finished FROM alert_finished
            WHERE tenant = ? AND finished >= ? AND finished < ? AND (? = '' OR desk = ?) ORDER BY finished, alert_id LIMIT ?
            """).Bind(tenant).Bind(fromMs).Bind(untilMs).Bind(desk).Bind(desk).Bind(max);
        while (rows.Step())
        {
            alerts.Add(new FinishedAlert(
                rows.Text(0), rows.Text(1), rows.Text(2), rows.Text(3), rows.Int32(4) != 0, rows.Text(5), rows.Text(6), rows.Int64(7), rows.Int64(8),
                rows.Int64(9), rows.Int64(10)));
        }

        return alerts.ToArray();
    }
}
