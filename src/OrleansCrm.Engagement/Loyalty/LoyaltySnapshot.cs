using System.Text.Json;
using OrleansCrm.Engagement.Customers;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>A loyalty account in a snapshot: rows of numbers, what is empty left out.</summary>
internal static class LoyaltyWriter
{
    public static void Write(Utf8JsonWriter json, LoyaltyAccount? account)
    {
        // Whoever has none pays for no closures either.
        if (account is not null)
            WriteAccount(json, account);
    }

    private static void WriteAccount(Utf8JsonWriter json, LoyaltyAccount account)
    {
        json.WriteStartObject("loyalty");
        WriteRows(json, "terms", account.Terms, terms =>
        {
            json.WriteStartArray();
            WriteAll(json, [terms.ReturnDays, terms.ExpiryDays, terms.WindowDays, terms.GraceDays]);
            foreach (var tier in terms.Tiers)
                WriteAll(json, [tier.From, tier.MultiplierMicros]);
            json.WriteEndArray();
        });
        WriteRows(json, "credits", account.Credits, credit =>
        {
            json.WriteNumberValue(credit.Key);
            WriteAll(json, [(long)credit.Cause, credit.TimeMs, credit.Points, credit.ExpiresMs]);
        });
        WriteRows(json, "spent", account.Redemptions, redemption =>
        {
            json.WriteNumberValue(redemption.Key);
            json.WriteNumberValue(redemption.OrderKey);
            WriteAll(
                json,
                [
                    redemption.Place, redemption.TimeMs, redemption.Points, redemption.ExpiresMs - redemption.TimeMs, (long)redemption.Status,
                    redemption.EndedMs, (redemption.IsForgiven ? 1 : 0) + (redemption.ReturnsWithOrder ? 2 : 0),
                ]);
        });
        WriteRows(json, "refused", account.Refusals, refusal =>
        {
            json.WriteNumberValue(refusal.Key);
            json.WriteNumberValue(refusal.OrderKey);
            WriteAll(json, [refusal.Points, refusal.Available]);
        });
        SnapshotWriter.WriteKeys(json, "used", account.UsedKeys);
        if (account.Closed != default)
        {
            json.WriteStartArray("closed");
            WriteAll(json, [account.Closed.Points, account.Closed.Expired, account.Closed.ExpiresMs]);
            json.WriteEndArray();
        }

        if (account.Household.Length > 0)
            json.WriteString("household", account.Household);
        WriteOutlook(json, account.Outlook);
        json.WriteEndObject();
    }

    private static void WriteOutlook(Utf8JsonWriter json, PointsOutlook outlook)
    {
        if (outlook.NextMs != 0)
            json.WriteNumber("next", outlook.NextMs);
        if (outlook.Tier != default)
        {
            json.WriteStartArray("tier");
            WriteAll(json, [outlook.Tier.Level, outlook.Tier.SinceMs, outlook.Tier.Points, outlook.Tier.UntilMs]);
            json.WriteEndArray();
        }

        if (outlook.Expiring.Length == 0)
            return;
        json.WriteStartArray("expiring");
        foreach (var (atMs, points) in outlook.Expiring)
            WriteAll(json, [atMs, points]);
        json.WriteEndArray();
    }

    private static void WriteRows<T>(Utf8JsonWriter json, string name, List<T>? rows, Action<T> write)
    {
        if (rows is null or { Count: 0 })
            return;
        json.WriteStartArray(name);
        foreach (var row in rows)
            write(row);
        json.WriteEndArray();
    }

    private static void WriteAll(Utf8JsonWriter json, ReadOnlySpan<long> numbers)
    {
        foreach (var number in numbers)
            json.WriteNumberValue(number);
    }
}

/// <summary>Reads what <see cref="LoyaltyWriter"/> wrote; everything in the same order.</summary>
internal static class LoyaltyReader
{
    public static LoyaltyAccount Read(JsonElement json)
    {
        var account = new LoyaltyAccount
        {
            Terms = ReadTerms(json),
            UsedKeys = SnapshotReader.ReadKeys(json, "used"),
        };
        if (json.TryGetProperty("credits", out var credits))
        {
            account.Credits = [];
            for (var row = new SnapshotReader.Row(credits); !row.IsAtEnd;)
            {
                var key = row.Next().GetUInt64();
                account.Credits.Add(new Credit((PointsCause)row.Long(), key, row.Long(), row.Long(), row.Long()));
            }
        }

        if (json.TryGetProperty("spent", out var spent))
        {
            account.Redemptions = [];
            for (var row = new SnapshotReader.Row(spent); !row.IsAtEnd;)
                account.Redemptions.Add(ReadRedemption(ref row));
        }

        if (json.TryGetProperty("refused", out var refused))
        {
            account.Refusals = [];
            for (var row = new SnapshotReader.Row(refused); !row.IsAtEnd;)
            {
                var (key, order) = (row.Next().GetUInt64(), row.Next().GetUInt64());
                account.Refusals.Add(new Refusal(key, row.Long(), order, row.Long()));
            }
        }

        if (SnapshotReader.Longs(json, "closed") is [var points, var expired, var expiresMs])
            account.Closed = new ClosedPoints(points, expired, expiresMs);
        if (json.TryGetProperty("household", out var household))
            account.Household = household.GetString()!;
        account.Outlook = ReadOutlook(json);
        return account;
    }

    private static List<EarnTerms>? ReadTerms(JsonElement json)
    {
        if (!json.TryGetProperty("terms", out var all))
            return null;
        var terms = new List<EarnTerms>(all.GetArrayLength());
        foreach (var element in all.EnumerateArray())
        {
            var row = new SnapshotReader.Row(element);
            var (returnDays, expiryDays, windowDays, graceDays) = ((int)row.Long(), (int)row.Long(), (int)row.Long(), (int)row.Long());
            var tiers = new TierStep[(row.Count - 4) / 2];
            for (var i = 0; i < tiers.Length; i++)
                tiers[i] = new TierStep(row.Long(), row.Long());
            terms.Add(new EarnTerms(returnDays, expiryDays, windowDays, graceDays, tiers));
        }

        return terms;
    }

    private static Redemption ReadRedemption(ref SnapshotReader.Row row)
    {
        var (key, order) = (row.Next().GetUInt64(), row.Next().GetUInt64());
        var (place, timeMs, points, lasts, status, endedMs, flags) =
            (row.Long(), row.Long(), row.Long(), row.Long(), (RedemptionStatus)row.Long(), row.Long(), row.Long());
        return new Redemption(place)
        {
            Key = key, OrderKey = order, TimeMs = timeMs, Points = points, ExpiresMs = timeMs + lasts, Status = status, EndedMs = endedMs,
            IsForgiven = (flags & 1) != 0, ReturnsWithOrder = (flags & 2) != 0,
        };
    }

    private static PointsOutlook ReadOutlook(JsonElement json)
    {
        var tier = SnapshotReader.Longs(json, "tier") is [var level, var sinceMs, var points, var untilMs]
            ? new TierStanding((int)level, sinceMs, points, untilMs)
            : default;
        var numbers = SnapshotReader.Longs(json, "expiring");
        var expiring = new ExpiringPoints[numbers.Length / 2];
        for (var i = 0; i < expiring.Length; i++)
            expiring[i] = new ExpiringPoints(numbers[2 * i], numbers[2 * i + 1]);
        return new PointsOutlook(json.TryGetProperty("next", out var next) ? next.GetInt64() : 0, tier, expiring);
    }
}
