using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Triggers;

/// <summary>What was offered without asking, in a stored state: for each policy its id, the answered cause, how many times follow, and those.</summary>
internal static class TriggerSnapshot
{
    public static void Write(Utf8JsonWriter json, TriggerRecord? record)
    {
        if (record is null)
            return;
        json.WriteStartArray("triggers");
        foreach (var history in record.Histories)
        {
            json.WriteStringValue(history.Policy);
            json.WriteNumberValue(history.CauseMs);
            json.WriteNumberValue(history.Times.Count);
            foreach (var timeMs in history.Times)
                json.WriteNumberValue(timeMs);
        }

        json.WriteEndArray();
        WriteWaits(json, record);
        if (record.Best is not { } best)
            return;
        json.WriteStartArray("best");
        json.WriteStringValue(best.Policy);
        json.WriteNumberValue(best.CauseMs);
        json.WriteStringValue(best.DecisionId);
        json.WriteStringValue(best.OfferId);
        json.WriteStringValue(best.Kind);
        json.WriteStringValue(best.Title);
        json.WriteNumberValue(best.ValueMicros);
        json.WriteNumberValue(best.TimeMs);
        json.WriteNumberValue(best.UntilMs);
        if (best.Coupon.Length > 0)
            json.WriteStringValue(best.Coupon);
        json.WriteEndArray();
    }

    /// <summary>Of each policy that waits: until when, the how manieth time, how many offers it has given up, and those.</summary>
    private static void WriteWaits(Utf8JsonWriter json, TriggerRecord record)
    {
        if (!record.Histories.Exists(h => h.Waits is not null))
            return;
        json.WriteStartArray("triggerWaits");
        foreach (var history in record.Histories)
        {
            if (history.Waits is not { } waits)
                continue;
            json.WriteStringValue(history.Policy);
            json.WriteNumberValue(waits.UntilMs);
            json.WriteNumberValue(waits.Try);
            json.WriteNumberValue(waits.Without.Length);
            foreach (var offer in waits.Without)
                json.WriteNumberValue(offer);
        }

        json.WriteEndArray();
    }

    private static void ReadWaits(JsonElement json, TriggerRecord record)
    {
        if (!json.TryGetProperty("triggerWaits", out var waits))
            return;
        for (var row = new SnapshotReader.Row(waits); !row.IsAtEnd;)
        {
            var history = record.Open(row.Text());
            var (untilMs, tried) = (row.Long(), (int)row.Long());
            var without = new ulong[row.Long()];
            for (var i = 0; i < without.Length; i++)
                without[i] = row.Next().GetUInt64();
            history.Waits = new TriggerWait(untilMs, tried, without);
        }
    }

    public static TriggerRecord? Read(JsonElement json)
    {
        if (!json.TryGetProperty("triggers", out var triggers))
            return null;
        var record = new TriggerRecord();
        for (var row = new SnapshotReader.Row(triggers); !row.IsAtEnd;)
        {
            var history = new TriggerHistory(row.Text()) { CauseMs = row.Long() };
            for (var left = row.Long(); left > 0; left--)
                history.Times.Add(row.Long());
            record.Histories.Add(history);
        }

        ReadWaits(json, record);
        if (json.TryGetProperty("best", out var best))
        {
            var row = new SnapshotReader.Row(best);
            record.Best = new NextBestOffer(
                row.Text(), row.Long(), row.Text(), row.Text(), row.Text(), row.Text(), row.Long(), row.Long(), row.Long(),
                row.IsAtEnd ? "" : row.Text());
        }

        return record;
    }
}
