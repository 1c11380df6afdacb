using System.Text.Json;
using OrleansCrm.Server.Benchmarks.Load;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Tests.Benchmarks;

public sealed class BatchBodyTests
{
    private static readonly LoadSpec Spec = new(LoadKind.Ingest, 80, "key", "", 2, 100, 1_000, false, 1, 0, 1);

    [Fact]
    public void Events_are_of_the_published_size_and_every_item_is_accepted()
    {
        var batch = BatchReader.ReadBatch(JsonOf(Body(Spec, 0)), 100);

        Assert.Equal(100, batch.Items.Length);
        Assert.InRange(batch.Items.Average(i => i.Json.Length), 300, 366);
        Assert.All(batch.Items, item => Assert.Null(
            EventIntake.Judge(item, new IngestOrigin("t", "s"), default, DateTimeOffset.UnixEpoch.AddYears(60), 32_768, out _)));
    }

    [Fact]
    public void No_message_id_comes_twice_over_renewals_connections_and_runs()
    {
        var bodies = new[] { Body(Spec, 0), Body(Spec, 1), Body(Spec with { Run = 2 }, 0) };
        var ids = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            foreach (var body in bodies)
            {
                body.Renew();
                Assert.All(BatchReader.ReadBatch(JsonOf(body), 100).Items, item => Assert.True(ids.Add(item.MessageId!)));
            }
        }
    }

    [Fact]
    public void Order_has_an_id_of_its_own()
    {
        var orders = JsonDocument.Parse(JsonOf(Body(Spec, 0))).RootElement.GetProperty("batch").EnumerateArray()
            .Where(e => e.GetProperty("event").GetString() == "Order Completed").ToArray();

        Assert.Equal(5, orders.Length);
        Assert.Equal(5, orders.Select(o => o.GetProperty("properties").GetProperty("order_id").GetString()).Distinct().Count());
    }

    private static BatchBody Body(LoadSpec spec, int connection)
    {
        var body = new BatchBody(spec, connection, new CustomerChoice(spec.Customers, spec.IsSkewed), TimeProvider.System);
        body.Renew();
        return body;
    }

    private static ReadOnlyMemory<byte> JsonOf(BatchBody body)
    {
        var request = body.Request;
        return request[(request.Span.IndexOf("\r\n\r\n"u8) + 4)..];
    }
}
