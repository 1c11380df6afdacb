using System.Security.Cryptography;
using System.Text.Json;
using Orleans;
using OrleansCrm.Contracts.Customers;
using OrleansCrm.Contracts.Decisions;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Reserves;
using OrleansCrm.Journal;
using OrleansCrm.Server.Customers;
using OrleansCrm.Server.Http;

namespace OrleansCrm.Server.Decisions;

/// <summary>Speaks to coupons: each has a state of its own in the journal, which judges one request after the other.</summary>
internal sealed class CouponDesk(IGrainFactory grains, IJournal journal, TimeProvider time)
{
    /// <summary>What a code says that could not be asked for in time.</summary>
    private const string Unavailable = "unavailable";

    /// <summary>Holds coupons for a customer who names them at the checkout.</summary>
    /// <param name="codes">As they were entered.</param>
    public Task<CouponHold[]> HoldAsync(CustomerKey customer, IReadOnlyList<string> codes)
    {
        // The same for a customer whenever he asks, of no use to whoever reads the journal.
        var holder = BitConverter.ToUInt64(CustomerHash.Of(journal.Identity.HashKey, "coupon " + customer).ToByteArray());
        return Task.WhenAll(codes.Select(code => HoldAsync(customer.Tenant, code, holder)));
    }

    /// <summary>Of coupons that could not be asked for in time.</summary>
    public static CouponHold[] Unasked(IReadOnlyList<string> codes) => [.. codes.Select(code => new CouponHold(code, Unavailable, "", 0, 0))];

    public static bool IsUnasked(CouponHold coupon) => coupon.Status == Unavailable;

    /// <summary>Makes codes that an offer is good for.</summary>
    /// <returns>Null when they could not all be made.</returns>
    public async Task<string[]?> IssueAsync(string tenant, ulong offer, string prefix, int count)
    {
        var codes = new string[count];
        for (var i = 0; i < count; i++)
            codes[i] = prefix + "-" + RandomNumberGenerator.GetString(ReserveKeys.CodeAlphabet, ReserveKeys.CodeLetters);
        var payload = ReserveMessages.Issue(offer);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var parts = codes.Select(code => CustomerKey.Parse(ReserveKeys.Coupon(tenant, code))).GroupBy(key => key.PartitionOf(journal.Identity.Partitions));
        var appended = await Task.WhenAll(parts.Select(part => grains.GetGrain<IPartitionGrain>(part.Key).AppendAsync(new AppendRequest(
            [.. part.Select(key => new NewEntry(key.ToString(), Guid.NewGuid(), EntryTypes.CouponIssued, now, payload))]))));
        return Array.TrueForAll(appended, part => part.Status == AppendStatus.Done) ? codes : null;
    }

    /// <summary>What there is of a coupon, a budget or a slice.</summary>
    public Task<LookupResponse> LookAsync(string key) =>
        CustomerLookup.PartitionOf(grains, journal, CustomerKey.Parse(key)).LookupAsync(new LookupRequest(key, LookupKind.Reserve, 0, ""));

    /// <summary>What there is of an offer's budget in all partitions; null when that could not be found out.</summary>
    public async Task<(long Free, long Held, long Spent, long Out)?> CountAsync(string tenant, ulong offer)
    {
        var budget = await LookAsync(ReserveKeys.Budget(tenant, offer));
        var slices = await Task.WhenAll(Enumerable.Range(0, journal.Identity.Partitions).Select(p => LookAsync(ReserveKeys.Slice(tenant, p, offer))));
        if (budget.Status == LookupStatus.Unavailable || Array.Exists(slices, s => s.Status == LookupStatus.Unavailable))
            return null;
        return (Sum(slices, "free"), Sum(slices, "held"), Sum(slices, "spent"), Sum([budget], "out"));
    }

    private static long Sum(LookupResponse[] found, string name)
    {
        var sum = 0L;
        foreach (var one in found)
        {
            if (one is not { Status: LookupStatus.Found, Body.Length: > 0 })
                continue;
            using var parsed = JsonDocument.Parse(one.Body);
            sum += parsed.RootElement.GetProperty(name).GetInt64();
        }

        return sum;
    }

    private async Task<CouponHold> HoldAsync(string tenant, string said, ulong holder)
    {
        var code = ReserveKeys.CodeOf(said);
        if (code.Length == 0)
            return new CouponHold(said, ReserveCodes.CouponUnknown, "", 0, 0);
        var key = CustomerKey.Parse(ReserveKeys.Coupon(tenant, code));
        var entry = new NewEntry(key.ToString(), Guid.NewGuid(), EntryTypes.CouponHold, time.GetUtcNow().ToUnixTimeMilliseconds(), ReserveMessages.Hold(holder));
        var appended = await CustomerLookup.PartitionOf(grains, journal, key).AppendAsync(new AppendRequest([entry]));
        if (appended is not { Status: AppendStatus.Done, Outcomes: [var outcome] })
            return new CouponHold(code, Unavailable, "", 0, 0);
        if (outcome.Code.Length > 0)
            return new CouponHold(code, outcome.Code, "", 0, 0);
        using var body = JsonDocument.Parse(outcome.Body);
        return new CouponHold(code, CouponHold.Held, outcome.Detail, holder, body.RootElement.GetProperty("untilMs").GetInt64());
    }
}
