using System.Text.Json;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>Who brought a customer, and whom he brought.</summary>
internal sealed class ReferralRecord
{
    /// <summary>The code that the customer came with; empty for none.</summary>
    public string Code { get; set; } = "";

    public long CodeMs { get; set; }

    /// <summary>The first order stood, and the code was told.</summary>
    public bool HasStood { get; set; }

    /// <summary>The code was somebody's, who was rewarded.</summary>
    public bool IsAccepted { get; set; }

    /// <summary>How many came to stay with this customer's code.</summary>
    public long Count { get; private set; }

    /// <summary>The newest of them, by time.</summary>
    public List<CountedTime> Brought { get; } = [];

    public bool Knows(ulong key) => Brought.Exists(b => b.Key == key);

    public int BroughtSince(long timeMs) => Brought.Count(b => b.TimeMs > timeMs);

    public void Add(in CountedTime brought)
    {
        var place = Brought.Count;
        while (place > 0 && Brought[place - 1].CompareTo(brought) > 0)
            place--;
        Brought.Insert(place, brought);
        Count++;
        if (Brought.Count > Bounds.ReferralsMax)
            Brought.RemoveAt(0);
    }

    /// <summary>Adds what was known under another id of the person.</summary>
    public static ReferralRecord? Joined(ReferralRecord? mine, ReferralRecord? given)
    {
        if (mine is null || given is null)
            return mine ?? given;
        foreach (var brought in given.Brought)
        {
            if (!mine.Knows(brought.Key))
                mine.Add(brought);
        }

        mine.Count += given.Count - given.Brought.Count;
        (mine.HasStood, mine.IsAccepted) = (mine.HasStood || given.HasStood, mine.IsAccepted || given.IsAccepted);
        if (given.Code.Length > 0 && (mine.Code.Length == 0 || (given.CodeMs, given.Code).CompareTo((mine.CodeMs, mine.Code)) < 0))
            (mine.Code, mine.CodeMs) = (given.Code, given.CodeMs);
        return mine;
    }

    public static void Write(Utf8JsonWriter json, CustomerState state)
    {
        if (state.ReferralNextMs != 0)
            json.WriteNumber("referralNext", state.ReferralNextMs);
        if (state.Referral is not { } record)
            return;
        json.WriteStartArray("referral");
        json.WriteStringValue(record.Code);
        json.WriteNumberValue(record.CodeMs);
        json.WriteNumberValue((record.HasStood ? 1 : 0) + (record.IsAccepted ? 2 : 0));
        json.WriteNumberValue(record.Count);
        foreach (var (timeMs, key) in record.Brought)
        {
            json.WriteNumberValue(timeMs);
            json.WriteNumberValue(key);
        }

        json.WriteEndArray();
    }

    public static void Read(JsonElement json, CustomerState state)
    {
        if (json.TryGetProperty("referralNext", out var next))
            state.ReferralNextMs = next.GetInt64();
        if (!json.TryGetProperty("referral", out var list))
            return;
        var row = new SnapshotReader.Row(list);
        var (code, codeMs, flags, count) = (row.Text(), row.Long(), row.Long(), row.Long());
        var record = state.Referral = new ReferralRecord
        {
            Code = code, CodeMs = codeMs, HasStood = (flags & 1) != 0, IsAccepted = (flags & 2) != 0, Count = count,
        };
        while (!row.IsAtEnd)
            record.Brought.Add(new CountedTime(row.Long(), row.Next().GetUInt64()));
    }

    public static void WriteProfile(Utf8JsonWriter json, CustomerState state)
    {
        json.WriteStartObject("referral");
        json.WriteString("code", Referrals.IsOpen(state) ? Referrals.CodeOf(state) : null);
        json.WriteNumber("brought", state.Referral?.Count ?? 0);
        if (state.Referral is { Code.Length: > 0 } record)
        {
            json.WriteStartObject("broughtBy");
            json.WriteString("code", record.Code);
            Rendering.WriteTime(json, "at", record.CodeMs);
            json.WriteBoolean("rewarded", record.IsAccepted);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("broughtBy");
        }

        json.WriteEndObject();
    }
}
