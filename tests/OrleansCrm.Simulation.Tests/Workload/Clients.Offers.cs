using System.Text.Json;
using OrleansCrm.Contracts.Entries;
using OrleansCrm.Contracts.Partitions;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Engagement.Triggers;

namespace OrleansCrm.Simulation.Tests.Workload;

/// <summary>What programs offer without being asked, and what customers do to be offered something.</summary>
internal sealed partial class Clients
{
    /// <summary>So many of the offer that can run out, by whatever program.</summary>
    public const int OffersTotal = 12;

    /// <summary>Others have so much to do that most of what could be answered is over before it is.</summary>
    private readonly string[] _shoppers = [.. Enumerable.Range(0, 2 * OffersTotal).Select(i => Events.Customer(i % 4 == 3 ? "other" : "default", $"s{i}"))];

    /// <summary>From the first moment on, so that a reward is always the same and nobody waits for the first offer.</summary>
    public async Task PublishFirstAsync()
    {
        var program = ProgramDocument.Default;
        if (weather.Gifts > 0)
            program = program with { Loyalty = Rewarding };
        if (weather.Treats > 0)
            program = WithOffers(program);
        foreach (var tenant in new[] { "default", "other" })
        {
            var payload = new ProgramPublication(tenant, program).ToPayload();
            await ToAllAsync(() => new NewEntry("", world.NewId(), EntryTypes.ProgramPublished, world.WallMs, payload));
        }
    }

    /// <summary>A payment fails or something is left in the cart; or somebody orders, with the code of what was offered where there is one.</summary>
    public async Task AskForOfferAsync()
    {
        var customer = PickShopper();
        if (world.Draw(0.5))
        {
            await TellAsync(Track(customer, world.Wall, world.Draw(0.5) ? "Payment Failed" : "Product Added", """{"product_id":"p1"}""", ""));
            return;
        }

        var code = await FindCouponAsync(customer);
        for (var others = 0; others < 5 && code is null; others++)
            code = await FindCouponAsync(customer = PickShopper());
        await TellAsync(NewOrder(customer, world.Wall, "", code is null ? "" : $$""","coupon":"{{code}}" """));
    }

    private string PickShopper() => world.Pick(world.Draw(0.7) ? _shoppers : Customers);

    private Task TellAsync(NewEntry entry)
    {
        _earlier.Add(entry);
        return SendAsync(PartitionOf(entry.Customer), entry);
    }

    private async Task<string?> FindCouponAsync(string customer) => CouponIn(await AskAsync(
        Process, p => p.LookupAsync(new LookupRequest(customer, LookupKind.Offer, world.WallMs, "")), PartitionOf(customer)));

    private static string? CouponIn(LookupResponse? found)
    {
        if (found is not { Status: LookupStatus.Found, Body.Length: > 0 })
            return null;
        using var offer = JsonDocument.Parse(found.Body);
        return offer.RootElement.ValueKind == JsonValueKind.Object && offer.RootElement.TryGetProperty("coupon", out var code) ? code.GetString() : null;
    }

    // Programs without offers take back what was offered, so there are some; where offers are what the run is about there are few.
    private ProgramDocument WithOffers(ProgramDocument program)
    {
        var version = program.Version;
        if (version % 2 != 0 && (weather.Treats == 0 || version == 5))
            return program;
        return program with { Offers = Offers(version), Triggers = Triggers(version) };
    }

    private Offer[] Offers(int version) =>
    [
        new Offer { Id = "ten", Title = "10% for you", WeightMicros = weather.Treats > 0 ? 50_000 : 1_000_000 },
        new Offer { Id = "few", Title = "While it lasts", Budget = new BudgetRule(OffersTotal), Coupon = version % 4 < 2 ? new CouponRule([], "FEW-1") : null },
    ];

    // Nobody has said no to service; by night, in some programs, nobody is spoken to.
    private static TriggerRules Triggers(int version) => new()
    {
        Policies = [.. Enum.GetValues<TriggerCause>().Select(cause => new TriggerPolicy("on-" + (int)cause, cause)
        {
            Purpose = "service",
            AfterMinutes = version == 1 ? 0 : version % 3,
            ForHours = 720,
            ValidHours = 1 + version % 3,
            Frequency = new FrequencyRule(0, 1),
        })],
        Frequency = new FrequencyRule(version % 4 < 2 ? 0 : 2, 1),
        QuietHours = new QuietHours(0, version % 4 < 2 ? 0 : 60, "Asia/Tokyo"),
    };
}
