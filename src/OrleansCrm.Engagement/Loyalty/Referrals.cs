using System.Text.Json;
using OrleansCrm.Contracts;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Engagement.Conditions;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Identity;
using OrleansCrm.Engagement.Numerics;
using OrleansCrm.Engagement.Program;

namespace OrleansCrm.Engagement.Loyalty;

/// <summary>
/// Customers who bring customers. A code is an id that its customer has claimed like the id of a browser: whatever is sent to it finds him,
/// wherever he has been merged to, and goes with him when he is erased; nobody looks codes up. When a friend's first order still stands after
/// some days, the friend opens a code of his own and tells the one he came with; whose it is takes his points and answers, and only then the
/// friend has his: a code of nobody earns nobody anything. Codes are all that the two say of each other.
/// </summary>
public static class Referrals
{
    /// <summary>Ids that are codes; no event can claim one.</summary>
    internal const string IdPrefix = "referral/";

    /// <summary>The trait that names a code.</summary>
    private const string TraitName = "referral_code";

    private const int CodeLength = 13;
    private const string Letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>The one code of a customer, whether it has been opened or not.</summary>
    /// <param name="customerKey">Canonical key.</param>
    public static string CodeOf(string customerKey)
    {
        Span<byte> scratch = stackalloc byte[2_048];
        var hash = StableHash.Start(scratch).Add("referral").Add(customerKey).Finish64();
        return string.Create(CodeLength, hash, (text, value) =>
        {
            for (var i = 0; i < CodeLength; i++, value >>= 5)
                text[i] = Letters[(int)(value & 31)];
        });
    }

    /// <summary>Canonical key of the id that a code is.</summary>
    public static string KeyOf(string tenant, string code) => string.Concat(tenant, "/anonymous:", IdPrefix, code);

    internal static string CodeOf(CustomerState state) => CodeOf(state.Key);

    internal static bool IsCode(string key) => IsCodeId(key.AsSpan(key.IndexOf('/') + 1));

    /// <param name="id">Kind and id, without the tenant.</param>
    internal static bool IsCodeId(ReadOnlySpan<char> id) => id.StartsWith("anonymous:" + IdPrefix, StringComparison.Ordinal);

    /// <summary>Whether the customer's own code can be used.</summary>
    internal static bool IsOpen(CustomerState state) => Owns(state, CodeOf(state));

    /// <summary>Opens the customer's code: asked for, or because he has shared it.</summary>
    internal static void Open(CustomerState state, ref FoldStep step)
    {
        if (state.LinkedTo.Length > 0)
        {
            step.Answer(LoyaltyCodes.Moved, state.LinkedTo, []);
            return;
        }

        var code = OpenOwn(state, ref step);
        if (step.Entry.Type == EntryTypes.ReferralOpen)
            step.Answer("", "", Rendering.Object(json => json.WriteString("code", code)));
    }

    /// <summary>An event says that the customer came with a code; the earliest counts.</summary>
    internal static void See(CustomerState state, string? said, ref FoldStep step)
    {
        var code = said?.Trim().ToUpperInvariant() ?? "";
        if (code.Length != CodeLength || code.AsSpan().ContainsAnyExcept(Letters) || state.Referral is { HasStood: true } || IsOwn(state, code))
            return;
        var timeMs = step.Entry.TimeMs;
        var record = state.Referral ??= new ReferralRecord();
        if (record.Code.Length > 0 && (timeMs, code).CompareTo((record.CodeMs, record.Code)) >= 0)
            return;
        (record.Code, record.CodeMs) = (code, timeMs);
        step.FactsChanged = true;
        step.Note("referred by " + code);
    }

    /// <summary>
    /// The code that the traits of an event name, or null. Not what is known by then: the code counts from when it was said, and another
    /// event, which says nothing of it, may be older.
    /// </summary>
    internal static string? CodeIn(ReadOnlySpan<byte> traits) => Traits.TextIn(traits, TraitName);

    /// <summary>When the customer has come to stay, both are rewarded.</summary>
    internal static void Settle(CustomerState state, ref FoldStep step)
    {
        var dueMs = DueMs(state, step.Program.Loyalty.Referral);
        if (dueMs == 0 || dueMs > state.NewestMs)
            return;
        var record = state.Referral!;
        record.HasStood = true;
        step.Note("referral stands");
        step.FactsChanged = true;
        var own = OpenOwn(state, ref step);
        step.Send(KeyOf(state.Tenant, record.Code), EntryTypes.ReferralStands, Rendering.Object(json => json.WriteString("from", own)));
    }

    internal static void LookAhead(CustomerState state, ReferralRules rules) => state.ReferralNextMs = DueMs(state, rules);

    /// <summary>Somebody who came with this customer's code has come to stay.</summary>
    internal static void Take(CustomerState state, ref FoldStep step)
    {
        if (IsPassedOn(state, ref step))
            return;
        using var parsed = JsonDocument.Parse(step.Entry.Payload);
        var from = parsed.RootElement.GetProperty("from").GetString()!;
        var key = EarnRule.KeyOf(from);
        var record = state.Referral ??= new ReferralRecord();
        var (rules, timeMs) = (step.Program.Loyalty.Referral, step.Entry.TimeMs);
        if (record.Knows(key))
            return;
        if (record.BroughtSince(timeMs - rules.LimitDays * UtcDay.Ms) >= rules.Limit)
        {
            step.Note("referral refused: limit");
            return;
        }

        record.Add(new CountedTime(timeMs, key));
        step.FactsChanged = true;
        step.Note("referral");
        if (rules.Referrer > 0)
            LoyaltyFold.Give(state, new Credit(PointsCause.Referral, key, timeMs, rules.Referrer, LoyaltyFold.ExpiryOf(step.Program.Loyalty, timeMs)), ref step);
        step.Send(KeyOf(state.Tenant, from), EntryTypes.ReferralAccepted, "{}"u8.ToArray());
    }

    /// <summary>Whoever brought this customer has been rewarded.</summary>
    internal static void TakeAcceptance(CustomerState state, ref FoldStep step)
    {
        if (IsPassedOn(state, ref step) || state.Referral is not { HasStood: true, IsAccepted: false } record)
            return;
        record.IsAccepted = true;
        step.FactsChanged = true;
        var (rules, timeMs) = (step.Program.Loyalty, step.Entry.TimeMs);
        if (rules.Referral.Friend > 0)
            LoyaltyFold.Give(state, new Credit(PointsCause.Referred, 1, timeMs, rules.Referral.Friend, LoyaltyFold.ExpiryOf(rules, timeMs)), ref step);
    }

    /// <summary>Whether the word is not for this id: it goes to whose id this is, and to nobody while a code has not been opened.</summary>
    private static bool IsPassedOn(CustomerState state, ref FoldStep step)
    {
        if (state.LinkedTo.Length > 0)
            step.Send(state.LinkedTo, step.Entry.Type, step.Entry.Payload);
        return state.LinkedTo.Length > 0 || IsCode(state.Key);
    }

    /// <summary>Claims the customer's code, so that others reach him by it.</summary>
    internal static string OpenOwn(CustomerState state, ref FoldStep step)
    {
        var code = CodeOf(state);
        IdentityFold.BindCode(state, IdPrefix + code, ref step);
        return code;
    }

    /// <summary>When the referral stands: a purchase that came with the code or after it, and some days; 0 for not.</summary>
    private static long DueMs(CustomerState state, ReferralRules rules)
    {
        ref readonly var purchases = ref state.Purchases;
        if (!IdentityFold.IsUser(state) || state.Referral is not { HasStood: false, Code.Length: > 0 } record || purchases.Purchases == 0 || record.CodeMs > purchases.FirstMs)
            return 0;
        return rules.StandDays == 0 ? UtcDay.CeilingSecond(purchases.FirstMs) : PointsWalk.EndOfDay(purchases.FirstMs + rules.StandDays * UtcDay.Ms);
    }

    /// <summary>Whether the code leads to this customer.</summary>
    internal static bool IsOwn(CustomerState state, string code) => code == CodeOf(state) || Owns(state, code);

    private static bool Owns(CustomerState state, string code) =>
        state.Links?.Exists(link => link.Status == LinkStatus.Linked && link.Id.EndsWith(IdPrefix + code, StringComparison.Ordinal)) == true;
}
