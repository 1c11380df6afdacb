using System.Security.Cryptography;
using System.Text.Json;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Server.Simulation;

namespace OrleansCrm.Server.Tests.Simulation;

public sealed class SimulatedHistoryTests
{
    private static readonly SimulateOptions Options = new() { Customers = 300, Days = 365, Seed = 42 };
    private static readonly long EndMs = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    [Fact]
    public void Same_seed_gives_the_same_bytes_for_ever()
    {
        // A change of these digests means that a seed noted somewhere no longer gives the history it gave.
        Assert.Equal("d72fdd2d16e92a50e83dad5b8c844d7434f2b291a2a739fdcf0dabcf2ada97d2", Digest(h => h.Write));
        Assert.Equal("d3a51e838337ed760f1bf0f595b40d2237655bb8169b144e68b0df688c695127", Digest(h => output => SimulateVerb.WriteTruth(h, output)));
    }

    [Fact]
    public void Another_seed_gives_another_history()
    {
        Assert.NotEqual(Bytes(SimulatedHistory.Draw(Options, EndMs).Write), Bytes(SimulatedHistory.Draw(Options with { Seed = 43 }, EndMs).Write));
    }

    [Fact]
    public void Customer_is_the_same_however_many_others_there_are()
    {
        var few = SimulatedHistory.Draw(Options with { Customers = 10 }, EndMs);
        var many = SimulatedHistory.Draw(Options, EndMs);

        Assert.Equal(few.Customers.Select(c => c.PurchasesMs), many.Customers.Take(10).Select(c => c.PurchasesMs));
    }

    [Fact]
    public void Truth_is_what_the_events_say()
    {
        var history = SimulatedHistory.Draw(Options, EndMs);
        var orders = new Dictionary<string, int>();
        var revenue = new Dictionary<string, decimal>();
        foreach (var sent in Lines(history.Write))
        {
            var user = sent.GetProperty("userId").GetString()!;
            if (sent.GetProperty("type").GetString() != "track")
                continue;
            var properties = sent.GetProperty("properties");
            if (sent.GetProperty("event").GetString() == "Order Completed")
            {
                orders[user] = orders.GetValueOrDefault(user) + 1;
                revenue[user] = revenue.GetValueOrDefault(user) + properties.GetProperty("revenue").GetDecimal();
            }
            else if (sent.GetProperty("event").GetString() == "Order Refunded")
            {
                revenue[user] -= properties.GetProperty("total").GetDecimal();
            }
        }

        var truth = Lines(output => SimulateVerb.WriteTruth(history, output)).ToArray();
        Assert.Equal(Options.Customers, truth.Length);
        Assert.All(truth, customer =>
        {
            var user = customer.GetProperty("customerId").GetString()!;
            Assert.Equal(orders[user], customer.GetProperty("purchases").GetInt32());
            Assert.Equal(revenue[user], customer.GetProperty("revenue").GetDecimal());
            Assert.Equal(customer.GetProperty("diedAt").ValueKind == JsonValueKind.Null, customer.GetProperty("aliveAtEnd").GetBoolean());
        });
        Assert.Contains(truth, c => c.GetProperty("refunded").GetDecimal() > 0);
        Assert.Contains(truth, c => c.GetProperty("aliveAtEnd").GetBoolean());
        Assert.Contains(truth, c => !c.GetProperty("aliveAtEnd").GetBoolean());
    }

    [Fact]
    public void Events_stand_in_order_of_time_within_the_history_and_have_ids_of_their_own()
    {
        var events = Lines(SimulatedHistory.Draw(Options, EndMs).Write).ToArray();

        var times = events.Select(e => e.GetProperty("timestamp").GetDateTimeOffset().ToUnixTimeMilliseconds()).ToArray();
        Assert.Equal(times.Order(), times);
        Assert.InRange(times[^1], 0, EndMs);
        Assert.Equal(events.Length, events.Select(e => e.GetProperty("messageId").GetString()).Distinct().Count());
    }

    [Fact]
    public void Server_takes_every_event()
    {
        Assert.All(Lines(SimulatedHistory.Draw(Options, EndMs).Write), sent =>
            Assert.Null(EventCheck.Check(sent.GetProperty("type").GetString()!, JsonSerializer.SerializeToUtf8Bytes(sent))));
    }

    [Fact]
    public void Nobody_buys_after_leaving()
    {
        Assert.All(SimulatedHistory.Draw(Options, EndMs).Customers, customer =>
        {
            Assert.NotEmpty(customer.PurchasesMs);
            if (customer.DiedMs is { } died)
                Assert.Equal(died, customer.PurchasesMs[^1]);
        });
    }

    [Fact]
    public void Rates_and_dropouts_have_the_means_of_the_model()
    {
        var model = PurchaseModel.Cdnow;
        var customers = SimulatedHistory.Draw(Options with { Customers = 20_000 }, EndMs).Customers;

        // Standard errors: sqrt(r) / alpha / sqrt(n) = 0.0008 and about 0.0018.
        Assert.Equal(model.R / model.Alpha, customers.Average(c => c.Rate), 0.0035);
        Assert.Equal(model.A / (model.A + model.B), customers.Average(c => c.Dropout), 0.008);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    [InlineData(SimulateOptions.CustomersMax + 1, 1)]
    [InlineData(1, SimulateOptions.DaysMax + 1)]
    public async Task Values_out_of_range_are_refused_in_words(int customers, int days)
    {
        var error = new StringWriter();

        var code = await SimulateVerb.RunAsync(Options with { Customers = customers, Days = days }, TimeProvider.System, error, CancellationToken.None);

        Assert.Equal(2, code);
        Assert.NotEmpty(error.ToString());
    }

    private static string Digest(Func<SimulatedHistory, Action<Stream>> part) =>
        Convert.ToHexStringLower(SHA256.HashData(Bytes(part(SimulatedHistory.Draw(Options, EndMs)))));

    private static IEnumerable<JsonElement> Lines(Action<Stream> write) =>
        System.Text.Encoding.UTF8.GetString(Bytes(write)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement);

    private static byte[] Bytes(Action<Stream> write)
    {
        using var output = new MemoryStream();
        write(output);
        return output.ToArray();
    }
}
