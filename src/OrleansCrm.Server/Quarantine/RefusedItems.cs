using System.Security.Cryptography;
using System.Text;
using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Quarantine;

/// <summary>Turns what a batch's answer refuses into rows that outlive the request.</summary>
internal static class RefusedItems
{
    /// <summary>Codes of items that are refused and not kept: keeping them would undo what they were refused for.</summary>
    private static readonly string[] Unkept = ["erased"];

    /// <returns>A row for each item that can be kept; refused items without one are to be counted as dropped.</returns>
    public static List<QuarantineRow> ToRows(
        IngestOrigin origin, Batch batch, IReadOnlyList<Rejection> rejected, DateTimeOffset received, int itemBytesMax)
    {
        var rows = new List<QuarantineRow>(rejected.Count);
        foreach (var rejection in rejected)
        {
            if (!Unkept.Contains(rejection.Code) && batch.Find(rejection.Index) is { Json.Length: > 0 } item)
                rows.Add(ToRow(origin, batch, rejection, item, received, itemBytesMax));
        }

        return rows;
    }

    public static bool IsKept(Rejection rejection) => !Unkept.Contains(rejection.Code);

    private static QuarantineRow ToRow(
        IngestOrigin origin, Batch batch, Rejection rejection, Envelope item, DateTimeOffset received, int itemBytesMax)
    {
        var json = item.HasWriteKey ? EventIntake.WithoutWriteKey(item.Json) : item.Json;
        return new QuarantineRow(
            0,
            origin.Tenant,
            DigestOf(origin, batch, rejection.Code, item.MessageId, json.Span),
            EventIntake.CustomerOf(item, origin.Tenant),
            item.Source is null ? origin.Source : $"{origin.Source} {item.Source}",
            batch.Call,
            item.MessageId ?? "",
            rejection.Entry,
            rejection.Code,
            rejection.Detail,
            received.ToUnixTimeMilliseconds(),
            batch.SentAt.Value?.ToUnixTimeMilliseconds() ?? 0,
            json.Length,
            json.Span[..Math.Min(json.Length, itemBytesMax)].ToArray());
    }

    // An item without an id of its own cannot be told from a repeat of it: each is one of its own, as it would be in the journal.
    private static Guid DigestOf(IngestOrigin origin, Batch batch, string code, string? messageId, ReadOnlySpan<byte> json)
    {
        if (messageId is null)
            return Guid.NewGuid();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{origin.Tenant}\0{origin.Source}\0{batch.Call}\0{code}\0"));
        hash.AppendData(json);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16));
    }
}
