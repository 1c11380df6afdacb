using OrleansCrm.Journal.Quarantine;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Quarantine;

/// <summary>
/// Sends a kept item through the pipeline once more, as of when it came: what is judged then are today's rules. Its message id stays, so
/// that neither a second replay nor the sender's own retry counts it twice.
/// </summary>
internal sealed class Replayer(IngestPipeline pipeline, IQuarantineStore store, TimeProvider time)
{
    /// <returns>The row as it is now; null when the engine cannot tell what became of it. Replaying it again then is safe.</returns>
    public async Task<QuarantineRow?> ReplayAsync(QuarantineRow row)
    {
        if (row.Status == QuarantineStatus.Replayed)
            return row;
        if (await JudgeAsync(row) is not { } replay)
            return null;
        await store.RecordReplaysAsync(row.Tenant, [replay], CancellationToken.None);
        return row with
        {
            Status = replay.Status,
            Replays = row.Replays + 1,
            ReplayedMs = replay.ReplayedMs,
            OutcomeCode = replay.Code,
            OutcomeDetail = replay.Detail,
        };
    }

    private async Task<QuarantineReplay?> JudgeAsync(QuarantineRow row)
    {
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!row.IsWhole)
            return new QuarantineReplay(row.Id, QuarantineStatus.Failed, "incomplete", "Only the beginning of the item was kept.", now);
        Batch batch;
        try
        {
            batch = ToBatch(row);
        }
        catch (BodyFormatException fault)
        {
            return new QuarantineReplay(row.Id, QuarantineStatus.Failed, fault.Code, fault.Message, now);
        }

        var received = DateTimeOffset.FromUnixTimeMilliseconds(row.ReceivedMs);
        var answer = await pipeline.ReplayAsync(new IngestOrigin(row.Tenant, row.Source.Split(' ', 2)[0]), batch, received);
        if (answer.Status != IngestStatus.Done)
            return null;
        return answer switch
        {
            { Accepted: > 0 } => new QuarantineReplay(row.Id, QuarantineStatus.Replayed, "accepted", "", now),
            { Duplicate: > 0 } => new QuarantineReplay(row.Id, QuarantineStatus.Replayed, "duplicate", "The message had come in otherwise.", now),
            { Rejected: [var rejection, ..] } => new QuarantineReplay(row.Id, QuarantineStatus.Failed, rejection.Code, rejection.Detail, now),
            _ => null,
        };
    }

    private static Batch ToBatch(QuarantineRow row)
    {
        var item = BatchReader.ReadEvent(row.Raw, 0);
        if (row.Call.Length > 0)
            item.Type = row.Call;
        // The source of a CloudEvent stands behind that of the key.
        if (row.Source.Split(' ', 2) is [_, var source])
            item.Source = source;
        item.MessageId ??= "quarantined " + row.Digest.ToString("N");

        // The journal has the id of an entry that could not be folded for good, so a replay needs another: the same one until a try was
        // refused for certain.
        if (row.Entry.Length > 0)
            item.MessageId += $" replayed {row.Replays}";
        var sentAt = row.SentMs == 0 ? default : new Field<DateTimeOffset>(DateTimeOffset.FromUnixTimeMilliseconds(row.SentMs), IsFaulty: false);
        return new Batch([item], null, sentAt) { Call = row.Call };
    }
}
