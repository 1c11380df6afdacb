using System.Runtime.CompilerServices;
using System.Text.Json;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Alerts;

/// <summary>What reports ask of an alert that is not over. Instants are null where there is none.</summary>
internal sealed record UnfinishedAlert(
    string Kind, string Status, string Agent, DateTimeOffset RecordedAt, DateTimeOffset DueAt, DateTimeOffset? TakenAt, DateTimeOffset? GivenAt, DateTimeOffset? ActBy)
{
    /// <summary>Alerts of one desk that a report counts; it says so when there are more.</summary>
    public const int CountedMax = 100_000;

    private const int PageSize = 1_000;

    /// <summary>Those of a desk, most severe first, at most <see cref="CountedMax"/>.</summary>
    /// <param name="desk">Its key.</param>
    public static async IAsyncEnumerable<UnfinishedAlert> ReadAllAsync(
        IJournal journal, string desk, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (rank, id) = (long.MaxValue, "");
        for (var read = 0; read < CountedMax; read += PageSize)
        {
            var page = await journal.ReadOpenAlertsAsync(desk, rank, id, PageSize, cancellation);
            foreach (var alert in page)
                yield return Read(alert.Alert);
            if (page.Length < PageSize)
                break;
            (rank, id) = (page[^1].Rank, page[^1].AlertId);
        }
    }

    private static UnfinishedAlert Read(byte[] utf8)
    {
        using var parsed = JsonDocument.Parse(utf8);
        var json = parsed.RootElement;
        var dueAt = Instant(json, "dueAt") ?? default;
        return new UnfinishedAlert(
            Text(json, "kind"), Text(json, "status"), Text(json, "claimedBy"), Instant(json, "recordedAt") ?? dueAt, dueAt,
            Instant(json, "takenAt"), Instant(json, "givenAt"), Instant(json, "actBy"));
    }

    private static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString()! : "";

    private static DateTimeOffset? Instant(JsonElement json, string name) =>
        json.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String && found.TryGetDateTimeOffset(out var at) ? at : null;
}
