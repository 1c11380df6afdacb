using System.Globalization;
using System.Text.Json;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Points from one customer to another. They leave the giver's available for in-transit, and come out of in-transit at the receiver, each
/// slice with the expiry that it had; so every customer's accounts sum to zero after every entry, and in-transit over all is what is on its
/// way. The two know nothing but codes of each other (see <see cref="Referrals"/>). A receiver who has been erased meanwhile takes nothing,
/// and everything goes back.
/// </summary>
public static class Transfers
{
    public const string SameCustomer = "same_customer";
    public const string Anonymous = "customer_is_anonymous";

    /// <summary>Later ones share the expiry of the last: never to the receiver's loss.</summary>
    private const int SlicesMax = 20;

    /// <param name="key">The idempotency key.</param>
    /// <param name="to">The receiver's code, which is open.</param>
    public static byte[] Command(string key, long points, string to, string by) => Rendering.Object(json =>
    {
        json.WriteString("key", key);
        json.WriteNumber("points", points);
        json.WriteString("to", to);
        json.WriteString("by", by);
    });

    /// <summary>What goes back when the receiver has been erased: to whom, and the payload.</summary>
    public static (string Customer, byte[] Payload) ReturnOf(OutgoingEntry given)
    {
        using var parsed = JsonDocument.Parse(given.Payload);
        var tenant = CustomerKey.TenantOf(given.Customer);
        return (Referrals.KeyOf(tenant, parsed.RootElement.GetProperty("from").GetString()!), ReturnOf(parsed.RootElement));
    }

    /// <param name="returned">Payload of <see cref="EntryTypes.PointsReturned"/>.</param>
    internal static long PointsOf(byte[] returned)
    {
        using var parsed = JsonDocument.Parse(returned);
        return parsed.RootElement.GetProperty("points").GetInt64();
    }

    internal static void Judge(CustomerState state, ref FoldStep step)
    {
        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var (said, to) = (parsed.RootElement.GetProperty("key").GetString()!, parsed.RootElement.GetProperty("to").GetString()!);
        var points = parsed.RootElement.GetProperty("points").GetInt64();
        if (state.LinkedTo.Length > 0)
        {
            step.Answer(LoyaltyCodes.Moved, state.LinkedTo, []);
            return;
        }

        if (!IdentityFold.IsUser(state) || to == Referrals.CodeOf(state))
        {
            step.Answer(IdentityFold.IsUser(state) ? SameCustomer : Anonymous, "", []);
            return;
        }

        var account = LoyaltyFold.Open(state);
        var (key, receiver, id) = (EarnRule.KeyOf(said), EarnRule.KeyOf(to), EarnRule.KeyOf(said + "\n" + to));
        if (account.Credits?.Find(c => c.Cause == PointsCause.TransferOut && c.Key == id) is { Points: not 0 } known && known.Points == -points)
        {
            Answer(id, points, ref step);
        }
        else if (account.UsedKeys?.Contains(key) == true)
        {
            step.Answer(LoyaltyCodes.KeyReused, "", []);
        }
        else if (account.Refusals?.Find(r => r.Key == key) is { Key: not 0 } refused)
        {
            step.Answer(refused.Points == points && refused.OrderKey == receiver ? LoyaltyCodes.Insufficient : LoyaltyCodes.KeyReused, "", []);
        }
        else if ((state.Ledger?[PointsAccount.Available] ?? 0) is var available && available < points)
        {
            account.Add(new Refusal(key, points, receiver, available));
            step.Note("transfer refused");
            step.Answer(LoyaltyCodes.Insufficient, "", []);
        }
        else
        {
            (account.UsedKeys ??= new SortedKeys()).Add(key);
            Send(state, id, points, to, isForPool: false, ref step);
            Answer(id, points, ref step);
        }
    }

    /// <summary>Points have come.</summary>
    internal static void Take(CustomerState state, ref FoldStep step)
    {
        if (state.LinkedTo.Length > 0)
        {
            step.Send(state.LinkedTo, step.Entry.Type, step.Entry.Payload);
            return;
        }

        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var from = parsed.RootElement.GetProperty("from").GetString()!;
        var key = parsed.RootElement.GetProperty("key").GetUInt64();
        var first = SliceKey(from, key, 0);
        if (state.Loyalty?.UsedKeys?.Contains(first) == true)
            return;
        if (Referrals.IsCode(state.Key) || (IsForPool(parsed.RootElement) && !Households.Takes(state, first)))
        {
            step.Send(Referrals.KeyOf(state.Tenant, from), EntryTypes.PointsReturned, ReturnOf(parsed.RootElement));
            return;
        }

        var slices = new SnapshotReader.Row(parsed.RootElement.GetProperty("slices"));
        for (var i = 0; !slices.IsAtEnd; i++)
        {
            var (points, expiresMs) = (slices.Long(), slices.Long());
            LoyaltyFold.Give(state, new Credit(PointsCause.TransferIn, SliceKey(from, key, i), step.Entry.TimeMs, points, expiresMs), ref step);
        }
    }

    /// <summary>Nobody was there to take them.</summary>
    internal static void TakeBack(CustomerState state, ref FoldStep step)
    {
        if (state.LinkedTo.Length > 0)
        {
            step.Send(state.LinkedTo, step.Entry.Type, step.Entry.Payload);
            return;
        }

        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var key = parsed.RootElement.GetProperty("key").GetUInt64();
        var points = PointsOf(step.Entry.Payload);
        var place = state.Loyalty?.Credits?.FindIndex(c => c.Cause == PointsCause.TransferOut && c.Key == key) ?? -1;
        if (place >= 0 && state.Loyalty!.Credits![place].Points == -points)
        {
            LoyaltyFold.Touch(state, ref step);
            state.Loyalty.Credits.RemoveAt(place);
        }
        else if (place >= 0 || state.Loyalty?.UsedKeys?.Contains(key) == true)
        {
            // It is one of many by now that count as one.
            var back = EarnRule.KeyOf(string.Create(CultureInfo.InvariantCulture, $"returned {key}"));
            LoyaltyFold.Give(state, new Credit(PointsCause.TransferIn, back, step.Entry.TimeMs, points, 0), ref step);
        }
        else
        {
            return;
        }

        step.Note("transfer returned");
        if (IsForPool(parsed.RootElement))
            Households.End(state, ref step);
    }

    internal static void Send(CustomerState state, ulong id, long points, string to, bool isForPool, ref FoldStep step)
    {
        LoyaltyFold.Give(state, new Credit(PointsCause.TransferOut, id, state.NewestMs, -points, 0), ref step);
        var slices = PointsWalk.SlicesOf(state, state.NewestMs, PointsCause.TransferOut, id);
        var code = Referrals.OpenOwn(state, ref step);
        step.Send(Referrals.KeyOf(state.Tenant, to), EntryTypes.PointsGiven, Rendering.Object(json =>
        {
            json.WriteString("from", code);
            json.WriteNumber("key", id);
            if (isForPool)
                json.WriteBoolean("pool", true);
            json.WriteStartArray("slices");
            foreach (var slice in slices.Take(SlicesMax - 1))
                Write(json, slice.Points, slice.ExpiresMs);
            if (slices.Count >= SlicesMax)
                Write(json, slices.Skip(SlicesMax - 1).Sum(slice => slice.Points), slices[^1].ExpiresMs);
            json.WriteEndArray();
        }));
    }

    private static void Write(Utf8JsonWriter json, long points, long expiresMs)
    {
        json.WriteNumberValue(points);
        json.WriteNumberValue(expiresMs);
    }

    private static byte[] ReturnOf(JsonElement given)
    {
        var key = given.GetProperty("key").GetUInt64();
        var points = given.GetProperty("slices").EnumerateArray().Where((_, i) => i % 2 == 0).Sum(slice => slice.GetInt64());
        var isForPool = IsForPool(given);
        return Rendering.Object(json =>
        {
            json.WriteNumber("key", key);
            json.WriteNumber("points", points);
            if (isForPool)
                json.WriteBoolean("pool", true);
        });
    }

    private static ulong SliceKey(string from, ulong key, int place) =>
        EarnRule.KeyOf(string.Create(CultureInfo.InvariantCulture, $"{from} {key} {place}"));

    private static bool IsForPool(JsonElement message) => message.TryGetProperty("pool", out _);

    private static void Answer(ulong id, long points, ref FoldStep step) => step.Answer("", "", Rendering.Object(json =>
    {
        json.WriteString("transferId", id.ToString("x16", CultureInfo.InvariantCulture));
        json.WriteNumber("points", points);
    }));
}
