using System.Text;
using OrleansCrm.Contracts.Customers;

namespace OrleansCrm.Journal.Tests;

public abstract partial class JournalConformance
{
    [ConformanceFact]
    public async Task Search_finds_exactly_who_fits_in_order_and_page_by_page()
    {
        var random = new Random(77);
        string[] phases = ["", "attention", "loyalty", "lost"], tiers = ["", "silver", "gold"];
        string[] segments = ["", " vip ", " new vip ", " vip-2 "], campaigns = ["", "spring", "Früh'ling"], owners = ["", "ada@x", "ADA@x"];
        var rows = new List<FoundCustomer>();
        foreach (var partition in new[] { 0, 1 })
        {
            var epoch = await OwnAsync(partition);
            var snapshots = Enumerable.Range(0, 150).Select(i => Rows.Snapshot($"{(i % 5 == 0 ? "acme2" : "acme")}/user:{random.Next(3)}ä-{partition}-{i}", i) with
            {
                Search = new SearchColumns(
                    phases[random.Next(4)], tiers[random.Next(3)], random.Next(5) * 250_000, random.Next(4), random.Next(-2, 3) * 1_000_000, random.Next(6),
                    segments[random.Next(4)], campaigns[random.Next(3)], owners[random.Next(3)]),
            }).ToArray();
            await Journal.FlushAsync(Rows.Flush(partition, epoch, 0, snapshots), None);
            rows.AddRange(snapshots.Select(s => new FoundCustomer(s.Customer, s.Search)));
        }

        foreach (var order in Enum.GetValues<SearchOrder>())
        {
            foreach (var (phase, tier, risk, segment, campaign, owner) in new[]
            {
                ("", "", 0L, "", "", ""), ("loyalty", "", 0L, "", "", ""), ("", "gold", 500_000L, "", "", ""), ("lost", "silver", 750_000L, "", "", ""),
                ("gone", "", 0L, "", "", ""), ("", "", 0L, "", "", "ada@x"), ("lost", "", 0L, "vip", "", "ADA@x"),
                ("", "", 0L, "vip", "", ""), ("", "", 0L, "ip", "", ""), ("lost", "", 0L, "vip", "Früh'ling", ""),
            })
            {
                var expected = rows.Where(r => r.Customer.StartsWith("acme/", StringComparison.Ordinal) && r.Columns.Phase.Length > 0
                        && (phase.Length == 0 || r.Columns.Phase == phase) && (tier.Length == 0 || r.Columns.Tier == tier) && r.Columns.RiskMillionths >= risk
                        && (segment.Length == 0 || r.Columns.Segments.Split(' ').Contains(segment)) && (campaign.Length == 0 || r.Columns.Campaign == campaign)
                        && (owner.Length == 0 || r.Columns.Owner == owner))
                    .OrderByDescending(r => r.ValueOf(order)).ThenBy(r => Convert.ToHexString(Encoding.UTF8.GetBytes(r.Customer)), StringComparer.Ordinal);
                var search = new CustomerSearch("acme", phase, tier, risk, order, null, 7, segment, campaign, owner);
                var found = new List<FoundCustomer>();
                while (true)
                {
                    var pages = new[] { await Journal.SearchAsync(0, search, None), await Journal.SearchAsync(1, search, None) };
                    var page = FoundCustomer.Join(pages, order, 7);
                    if (page.Length == 0)
                        break;
                    found.AddRange(page);
                    search = search with { After = page[^1] };
                }

                Assert.Equal(expected, found);
            }
        }
    }
}
