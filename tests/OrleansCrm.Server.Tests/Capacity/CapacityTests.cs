using System.Globalization;
using OrleansCrm.Server.Capacity;

namespace OrleansCrm.Server.Tests.Capacity;

public sealed class CapacityTests
{
    [Fact]
    public async Task Page_on_capacity_shows_what_the_verb_reckons()
    {
        using var said = new StringWriter();
        Assert.Equal(0, await CapacityVerb.RunAsync(new ShopLoad(), 1_024, 1, said, said));

        var page = await ReadPageAsync();

        foreach (var line in said.ToString().Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            Assert.True(page.Contains(line, StringComparison.Ordinal), $"docs/capacity.md lacks this line of 'crm capacity':\n{line}\n\nall of it:\n{said}");
    }

    [Theory]
    [InlineData("× 20 µs (SQLite)", Costs.SqliteEvent * 1e6, "20")]
    [InlineData("or 26 µs (PostgreSQL)", Costs.PostgresEvent * 1e6, "26")]
    [InlineData("× 10 µs", Costs.DatabaseEvent * 1e6, "10")]
    [InlineData("÷ 0.6", Costs.BusyShare, "0.6")]
    [InlineData("÷ 165,000/s", Costs.ReplayRate, "165,000")]
    [InlineData("× 0.33 KB", Costs.WireBytes / 1e3, "0.33")]
    public async Task Formula_of_the_page_is_the_formula_of_the_verb(string onPage, double value, string written)
    {
        Assert.Contains(onPage, await ReadPageAsync(), StringComparison.Ordinal);
        Assert.Equal(double.Parse(written, NumberStyles.Number, CultureInfo.InvariantCulture), value, 1e-9);
    }

    [Fact]
    public void Sizes_are_worked_out_by_hand()
    {
        var load = new ShopLoad { Customers = 1_000_000 };

        Assert.Equal((60_000_000, 1.9), (load.Entries, Math.Round(load.AverageRate, 1)));
        Assert.Equal(23.7, Costs.SqliteGb(load), 0.01);
        Assert.Equal(12.584, Costs.PostgresGb(load), 0.01);
        Assert.Equal(1.5 * ((0.3 * 1.073741824) + 0.13 + (0.1 * 10 * 1.024e-3 * 1_000) + 0.12) / 1.073741824, Costs.MemoryGib(load, 1), 0.01);
        Assert.Equal(1 / 0.6, Costs.Cores(50_000, Costs.SqliteEvent), 1e-9);
    }

    [Theory]
    [InlineData(64, 4)]
    [InlineData(1_024, 16)]
    [InlineData(1_024, 64)]
    public void Placement_by_hash_has_a_busiest_silo_and_loses_no_partition(int partitions, int silos)
    {
        var load = new ShopLoad();
        var placed = Placement.Simulate(load, partitions, silos, 1);
        var mean = (double)partitions / silos;
        var deviation = Math.Sqrt(mean);

        Assert.InRange(placed.BusiestPartitions, mean + (0.5 * deviation), mean + (4 * deviation));
        Assert.InRange(placed.BusiestShare * partitions, placed.BusiestPartitions - deviation, placed.BusiestPartitions + deviation);
        Assert.InRange(placed.ShareAfterLoss, placed.BusiestShare, 1);
        Assert.InRange(placed.PartitionsLost, 1, placed.BusiestPartitions);
        Assert.Equal(placed.BusiestShare, Placement.Simulate(load, partitions, silos, 1).BusiestShare);
    }

    [Fact]
    public void One_silo_has_everything()
    {
        var placed = Placement.Simulate(new ShopLoad(), 8, 1, 3);

        Assert.Equal((8, 8), (placed.BusiestPartitions, placed.PartitionsLost));
        Assert.Equal(1, placed.BusiestShare, 1e-12);
    }

    [Fact]
    public async Task Values_out_of_range_are_named()
    {
        using var said = new StringWriter();
        Assert.Equal(2, await CapacityVerb.RunAsync(new ShopLoad { Peak = 0 }, 8, 1, said, said));
        Assert.Contains("--peak", said.ToString(), StringComparison.Ordinal);
    }

    private static Task<string> ReadPageAsync()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "OrleansCrm.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The repository's root is not above the tests.");
        return File.ReadAllTextAsync(Path.Combine(folder, "docs", "capacity.md"));
    }
}
