using System.Buffers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Numerics;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>What a command about points can be answered. Stable words.</summary>
public static class LoyaltyCodes
{
    public const string Insufficient = "insufficient_points";
    public const string BelowMinimum = "below_minimum";
    public const string HoldExpired = "hold_expired";
    public const string HoldCancelled = "hold_cancelled";
    public const string HoldCommitted = "hold_committed";
    public const string HoldNotFound = "hold_not_found";
    public const string KeyReused = "idempotency_key_reused";

    /// <summary>The id belongs to another customer now, whom the detail names.</summary>
    public const string Moved = "moved";
}

/// <summary>
/// Judges what shops, agents and customers ask for. A hold is known by its idempotency key: whoever asks again with the same key gets what
/// was decided then, also a refusal, and nothing happens twice.
/// </summary>
public static class LoyaltyCommands
{
    private const int ReasonMax = 500;

    /// <param name="key">The idempotency key.</param>
    /// <param name="order">What is to be paid with them; empty for nothing named.</param>
    /// <param name="by">Who asks.</param>
    public static byte[] Hold(string key, long points, string order, string by) => Write(json =>
    {
        json.WriteString("key", key);
        json.WriteNumber("points", points);
        if (order.Length > 0)
            json.WriteString("order", order);
        json.WriteString("by", by);
    });

    /// <summary>The payload of a commit or a cancellation.</summary>
    public static byte[] End(string hold, string by) => Write(json =>
    {
        json.WriteString("hold", hold);
        json.WriteString("by", by);
    });

    /// <param name="points">Below 0 to take some.</param>
    public static byte[] Adjust(string key, long points, string reason, string by) => Write(json =>
    {
        json.WriteString("key", key);
        json.WriteNumber("points", points);
        json.WriteString("reason", reason);
        json.WriteString("by", by);
    });

    internal static void Judge(CustomerState state, ref FoldStep step)
    {
        if (state.LinkedTo.Length > 0)
        {
            step.Answer(LoyaltyCodes.Moved, state.LinkedTo, []);
            return;
        }

        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var command = parsed.RootElement;
        if (Households.IsWithHead(state, out var head) && IsForHead(state, step.Entry.Type, command))
        {
            step.Answer(LoyaltyCodes.Moved, head, []);
            return;
        }

        switch (step.Entry.Type)
        {
            case EntryTypes.RedemptionHold:
                JudgeHold(state, command, ref step);
                break;
            case EntryTypes.PointsAdjust:
                JudgeAdjustment(state, command, ref step);
                break;
            default:
                JudgeEnd(state, command, ref step);
                break;
        }
    }

    /// <summary>What a member of a household asks to spend, and what it did not ask for itself before it joined.</summary>
    private static bool IsForHead(CustomerState state, string type, JsonElement command) => type switch
    {
        EntryTypes.RedemptionHold => KeyOf(command, "key") is var key && state.Loyalty!.Redemptions?.Exists(r => r.Key == key) != true,
        EntryTypes.PointsAdjust => false,
        _ => Find(state, command) is null,
    };

    private static Redemption? Find(CustomerState state, JsonElement command) =>
        EntryId.TryParse(command.GetProperty("hold").GetString(), out var asked) ? state.Loyalty?.Redemptions?.Find(r => EntryPlace.ToId(state, r.Place) == asked) : null;

    private static void JudgeHold(CustomerState state, JsonElement command, ref FoldStep step)
    {
        var account = LoyaltyFold.Open(state);
        var (key, points) = (KeyOf(command, "key"), command.GetProperty("points").GetInt64());
        var order = command.TryGetProperty("order", out _) ? KeyOf(command, "order") : 0;
        if (account.Redemptions?.Find(r => r.Key == key) is { } known)
        {
            if (known.Points == points && known.OrderKey == order)
                Answer(state, known, ref step);
            else
                step.Answer(LoyaltyCodes.KeyReused, "", []);
            return;
        }

        if (account.Refusals?.Find(r => r.Key == key) is { Key: not 0 } refused)
        {
            step.Answer(refused.Points == points && refused.OrderKey == order ? LoyaltyCodes.Insufficient : LoyaltyCodes.KeyReused, "", []);
            return;
        }

        var rules = step.Program.Loyalty.Redemption;
        var available = state.Ledger?[PointsAccount.Available] ?? 0;
        if (account.UsedKeys?.Contains(key) == true)
        {
            step.Answer(LoyaltyCodes.KeyReused, "", []);
        }
        else if (points < rules.PointsMin)
        {
            step.Answer(LoyaltyCodes.BelowMinimum, "", []);
        }
        else if (available < points)
        {
            account.Add(new Refusal(key, points, order, available));
            step.Note("redemption refused");
            step.Answer(LoyaltyCodes.Insufficient, "", []);
        }
        else
        {
            Hold(state, account, key, points, order, ref step);
        }
    }

    private static void Hold(CustomerState state, LoyaltyAccount account, ulong key, long points, ulong order, ref FoldStep step)
    {
        var rules = step.Program.Loyalty;
        LoyaltyFold.Touch(state, ref step);
        EndOverdue(account, state.NewestMs);
        var redemption = new Redemption(step.Entry.Offset)
        {
            Key = key,
            TimeMs = state.NewestMs,
            Points = points,
            ExpiresMs = UtcDay.CeilingSecond(state.NewestMs) + rules.Redemption.HoldSeconds * 1_000L,
            OrderKey = order,
            IsForgiven = !rules.MayBeNegative,
            ReturnsWithOrder = rules.Redemption.ReturnsWithOrder,
        };
        account.Add(redemption);
        Answer(state, redemption, ref step);
    }

    private static void JudgeEnd(CustomerState state, JsonElement command, ref FoldStep step)
    {
        if (Find(state, command) is not { } hold)
        {
            step.Answer(LoyaltyCodes.HoldNotFound, "", []);
            return;
        }

        var wanted = step.Entry.Type == EntryTypes.RedemptionCommit ? RedemptionStatus.Committed : RedemptionStatus.Cancelled;
        if (IsOverdue(hold, state.NewestMs))
        {
            step.Answer(LoyaltyCodes.HoldExpired, "", Render(state, hold));
        }
        else if (hold.Status == RedemptionStatus.Held)
        {
            LoyaltyFold.Touch(state, ref step);
            (hold.Status, hold.EndedMs) = (wanted, wanted == RedemptionStatus.Cancelled ? state.NewestMs : 0);
            Answer(state, hold, ref step);
        }
        else if (hold.Status == wanted)
        {
            Answer(state, hold, ref step);
        }
        else
        {
            step.Answer(wanted == RedemptionStatus.Committed ? LoyaltyCodes.HoldCancelled : LoyaltyCodes.HoldCommitted, "", Render(state, hold));
        }
    }

    private static void JudgeAdjustment(CustomerState state, JsonElement command, ref FoldStep step)
    {
        var (key, points) = (KeyOf(command, "key"), command.GetProperty("points").GetInt64());
        if (state.Loyalty?.UsedKeys?.Contains(key) == true
            || (state.Loyalty?.Credits?.Find(c => c.Cause == PointsCause.Adjustment && c.Key == key) is { Points: not 0 } known && known.Points != points))
        {
            step.Answer(LoyaltyCodes.KeyReused, "", []);
            return;
        }

        var expiresMs = points > 0 ? LoyaltyFold.ExpiryOf(step.Program.Loyalty, state.NewestMs) : 0;
        LoyaltyFold.Give(state, new Credit(PointsCause.Adjustment, key, state.NewestMs, points, expiresMs), ref step);
        step.Note("adjusted: " + Cut(command.GetProperty("reason").GetString()!));
        step.Answer("", "", Write(json =>
        {
            json.WriteString("adjustmentId", key.ToString("x16", System.Globalization.CultureInfo.InvariantCulture));
            json.WriteNumber("points", points);
        }));
    }

    private static bool IsOverdue(Redemption hold, long nowMs) =>
        hold.Status == RedemptionStatus.Held ? hold.ExpiresMs <= nowMs : hold.Status == RedemptionStatus.Cancelled && hold.EndedMs >= hold.ExpiresMs;

    private static void EndOverdue(LoyaltyAccount account, long nowMs)
    {
        foreach (var hold in account.Redemptions ?? [])
        {
            if (hold.Status == RedemptionStatus.Held && hold.ExpiresMs <= nowMs)
                (hold.Status, hold.EndedMs) = (RedemptionStatus.Cancelled, hold.ExpiresMs);
        }
    }

    private static void Answer(CustomerState state, Redemption hold, ref FoldStep step) => step.Answer("", "", Render(state, hold));

    private static byte[] Render(CustomerState state, Redemption hold) => Rendering.Object(json =>
    {
        json.WriteString("holdId", EntryPlace.ToId(state, hold.Place).ToString());
        json.WriteNumber("points", hold.Points);
        Rendering.WriteTime(json, "expiresAt", hold.ExpiresMs);
        json.WriteString("status", hold switch
        {
            _ when IsOverdue(hold, state.NewestMs) => "expired",
            { Status: RedemptionStatus.Committed } => "committed",
            { Status: RedemptionStatus.Cancelled } => "cancelled",
            _ => "held",
        });
    });

    private static ulong KeyOf(JsonElement command, string name) =>
        EventReader.HashOf(Encoding.UTF8.GetBytes(command.GetProperty(name).GetString()!), default);

    // Cut between runes: half a surrogate pair could not be written again.
    private static string Cut(string text) => text.Length <= ReasonMax
        ? text
        : text[..(char.IsHighSurrogate(text[ReasonMax - 1]) ? ReasonMax - 1 : ReasonMax)];

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Rendering.Options))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
