using System.Text.Json;
using OrleansCrm.Engagement.Alerts;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Signals;

/// <summary>What signals are read from, and alerts that rose from them, in a stored state.</summary>
internal static class SignalSnapshot
{
    public static void Write(Utf8JsonWriter json, CustomerState state)
    {
        if (state.OrderedMs != state.Purchases.LastMs)
            json.WriteNumber("ordered", state.OrderedMs);
        if (state.Trend is { IsKnown: true } trend)
        {
            json.WriteStartArray("trend");
            json.WriteNumberValue(trend.RecentMicros);
            json.WriteNumberValue(trend.BeforeMicros);
            json.WriteNumberValue(trend.RecentGapMs);
            json.WriteNumberValue(trend.BeforeGapMs);
            json.WriteStringValue(trend.Currency);
            json.WriteEndArray();
        }

        if (state.Signals is not { } signals)
            return;
        json.WriteStartArray("signals");
        json.WriteNumberValue(signals.CartMs);
        json.WriteNumberValue(signals.CartPlace);
        var beforeMs = 0L;
        foreach (var mark in signals.Marks)
        {
            json.WriteNumberValue((int)mark.Kind);
            json.WriteNumberValue(mark.Key);
            json.WriteNumberValue(mark.TimeMs - beforeMs);
            json.WriteNumberValue(mark.Place);
            beforeMs = mark.TimeMs;
        }

        json.WriteEndArray();
        if (signals.Handled.Count == 0)
            return;
        json.WriteStartArray("handled");
        foreach (var (kind, causeMs, atMs) in signals.Handled)
        {
            json.WriteStringValue(kind);
            json.WriteNumberValue(causeMs);
            json.WriteNumberValue(atMs);
        }

        json.WriteEndArray();
    }

    public static void Read(JsonElement json, CustomerState state)
    {
        if (json.TryGetProperty("trend", out var trend))
        {
            var row = new SnapshotReader.Row(trend);
            state.Trend = new BuyingTrend(row.Long(), row.Long(), row.Long(), row.Long(), CurrencyCodes.Shared(row.Text()));
        }

        if (!json.TryGetProperty("signals", out var signals))
            return;
        var record = state.Signals = new SignalRecord();
        var marks = new SnapshotReader.Row(signals);
        record.FillCart(marks.Long(), marks.Long());
        for (var timeMs = 0L; !marks.IsAtEnd;)
            record.Marks.Add(new SignalMark((MarkKind)marks.Long(), marks.Next().GetUInt64(), timeMs += marks.Long(), marks.Long()));
        if (!json.TryGetProperty("handled", out var handled))
            return;
        for (var row = new SnapshotReader.Row(handled); !row.IsAtEnd;)
            record.Handled.Add(new HandledCase(row.Text(), row.Long(), row.Long()));
    }

    public static void Write(Utf8JsonWriter json, SignalCase signal)
    {
        json.WriteStartArray("signal");
        json.WriteNumberValue(signal.RaisedAtMs);
        json.WriteNumberValue((int)signal.Severity);
        json.WriteNumberValue((int)signal.Signal);
        json.WriteNumberValue(signal.CauseMs);
        json.WriteNumberValue(signal.Count);
        json.WriteNumberValue(signal.Amount);
        json.WriteNumberValue(signal.Before);
        json.WriteStringValue(signal.Word);
        json.WriteNumberValue(signal.ValueMicros);
        json.WriteStringValue(signal.Currency);
        json.WriteEndArray();
    }

    public static SignalCase ReadCase(JsonElement json)
    {
        var row = new SnapshotReader.Row(json);
        return new SignalCase(
            row.Long(), (AlertSeverity)row.Long(), (Signal)row.Long(), row.Long(), (int)row.Long(), row.Next().GetDouble(), row.Next().GetDouble(),
            row.Text(), row.Long(), CurrencyCodes.Shared(row.Text()));
    }
}
