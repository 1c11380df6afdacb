using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Trials;

internal static class TrialSnapshot
{
    public static void Write(Utf8JsonWriter json, TrialRecord? record)
    {
        if (record is null)
            return;
        json.WriteStartArray("trials");
        json.WriteStringValue(record.Salt);
        Write(json, record.Treated);
        Write(json, record.Control);
        if (record.Newest is { } trial)
        {
            json.WriteNumberValue((trial.IsControl ? 1 : 0) + (trial.IsOver ? 2 : 0));
            json.WriteNumberValue(trial.CauseMs);
            json.WriteNumberValue(trial.StartMs);
            json.WriteNumberValue(trial.UntilMs);
        }

        json.WriteEndArray();
    }

    public static TrialRecord? Read(JsonElement json)
    {
        if (!json.TryGetProperty("trials", out var trials))
            return null;
        var row = new SnapshotReader.Row(trials);
        var record = new TrialRecord(row.Text());
        record.Treated = Read(ref row);
        record.Control = Read(ref row);
        if (row.IsAtEnd)
            return record;
        var flags = row.Long();
        record.Newest = new Trial(record.Salt, (flags & 1) != 0, row.Long(), row.Long(), row.Long(), (flags & 2) != 0);
        return record;
    }

    private static void Write(Utf8JsonWriter json, in TrialTally tally)
    {
        json.WriteNumberValue(tally.Customers);
        json.WriteNumberValue(tally.Returned);
        json.WriteNumberValue(tally.RevenueMicros);
        json.WriteNumberValue(tally.Units);
        json.WriteNumberValue(tally.Squares);
    }

    private static TrialTally Read(ref SnapshotReader.Row row) => new(row.Long(), row.Long(), row.Long(), row.Long(), row.Long());
}
