using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Verification;

/// <summary>
/// Holds the desks' lists of unfinished alerts against the fold. A desk may be ahead of a snapshot or behind the journal, so neither can
/// be compared with it; but a desk says up to which change of each partition it has come, and up to there its list has to be what the fold
/// sent. Changes beyond are on their way.
/// </summary>
internal sealed class DeskCheck
{
    /// <summary>Unfinished alerts of one desk that are compared.</summary>
    public const int AlertsMax = 200_000;

    private const int Tries = 20;

    private readonly Dictionary<string, Desk> _desks = new(StringComparer.Ordinal);

    /// <summary>Reads the desks; to be done before the journal is read, so that the journal holds every change they have seen.</summary>
    public static async Task<DeskCheck> ReadAsync(IJournal journal, IEnumerable<string> desks, Findings findings, CancellationToken cancellation)
    {
        var check = new DeskCheck();
        foreach (var name in desks)
        {
            if (await ReadAsync(journal, name, cancellation) is { } desk)
                check._desks.Add(name, desk);
            else
                findings.Notes.Add($"desk {name} changes too fast, or has more than {AlertsMax} alerts; they are not compared");
        }

        return check;
    }

    /// <summary>Takes what the fold sent, for each alert in the order of its entries. Taking it all once more changes nothing.</summary>
    public void Take(int partition, Outgoing sent, Findings findings)
    {
        if (!_desks.TryGetValue(sent.Desk, out var desk))
            return;
        if ((sent.Offset, sent.Index).CompareTo(desk.Senders.GetValueOrDefault(partition, (-1, -1))) > 0)
            findings.OnTheirWay++;
        else if (sent.IsFinished)
            desk.Expected.Remove(sent.AlertId);
        else
            desk.Expected[sent.AlertId] = StoredRow.HashOf(sent.Alert);
    }

    public void Compare(Findings findings)
    {
        foreach (var (name, desk) in _desks)
        {
            findings.OpenAlerts += desk.Actual.Count;
            foreach (var (alert, hash) in desk.Expected)
            {
                if (!desk.Actual.TryGetValue(alert, out var actual))
                    findings.Differ($"desk {name}: alert {alert} is open by the journal and missing at the desk");
                else if (actual != hash)
                    findings.Differ($"desk {name}: alert {alert} stands otherwise than by the journal");
            }

            foreach (var alert in desk.Actual.Keys)
            {
                if (!desk.Expected.ContainsKey(alert))
                    findings.Differ($"desk {name}: alert {alert} is at the desk and not open by the journal");
            }
        }
    }

    private static async Task<Desk?> ReadAsync(IJournal journal, string name, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var position = await journal.ReadDeskAsync(name, cancellation);
            var alerts = await journal.ReadDeskAlertsAsync(name, AlertsMax, cancellation);
            if (alerts.Sequence != position.Sequence)
                continue;
            if (alerts.Total > alerts.Alerts.Length)
                return null;
            var actual = new Dictionary<string, Guid>(StringComparer.Ordinal);
            foreach (var alert in alerts.Alerts)
                actual[IdOf(alert)] = StoredRow.HashOf(alert);
            return new Desk(position.Senders.ToDictionary(s => s.Partition, s => (s.Offset, s.Index)), actual);
        }

        return null;
    }

    private static string IdOf(byte[] alert)
    {
        using var json = JsonDocument.Parse(alert);
        return json.RootElement.GetProperty("id").GetString() ?? "";
    }

    /// <param name="Senders">The newest change taken from each partition.</param>
    private sealed record Desk(Dictionary<int, (long Offset, int Index)> Senders, Dictionary<string, Guid> Actual)
    {
        public Dictionary<string, Guid> Expected { get; } = new(StringComparer.Ordinal);
    }
}
