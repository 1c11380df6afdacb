using Microsoft.AspNetCore.Http;
using OrleansCrm.Server.Ingest;

namespace OrleansCrm.Server.Tests.Ingest;

public sealed class BodyReaderTests
{
    [Fact]
    public async Task Length_that_is_only_announced_takes_no_room()
    {
        var reader = new BodyReader(new IngestOptions { BodiesBytesMax = 64L << 20 });
        var slow = Enumerable.Range(0, 32).Select(_ => reader.ReadAsync(Request(new Unsent(), 4 << 20)).AsTask()).ToArray();

        var (status, body) = await reader.ReadAsync(Request(new MemoryStream(new byte[100_000]), 100_000));
        using (body)
            Assert.Equal((BodyStatus.Read, 100_000), (status, body.Length));
        Assert.All(slow, reading => Assert.False(reading.IsCompleted));
    }

    [Fact]
    public async Task Room_that_the_bodies_have_together_is_bounded_and_comes_back()
    {
        var reader = new BodyReader(new IngestOptions { BodiesBytesMax = 1 << 20 });

        var (first, body) = await reader.ReadAsync(Request(new MemoryStream(new byte[500_000]), 500_000));
        var (second, _) = await reader.ReadAsync(Request(new MemoryStream(new byte[600_000]), 600_000));
        body.Dispose();
        var (third, again) = await reader.ReadAsync(Request(new MemoryStream(new byte[300_000]), 300_000));
        again.Dispose();

        Assert.Equal((BodyStatus.Read, BodyStatus.Busy, BodyStatus.Read), (first, second, third));
    }

    private static HttpRequest Request(Stream body, long length)
    {
        var context = new DefaultHttpContext();
        context.Request.Body = body;
        context.Request.ContentLength = length;
        return context.Request;
    }

    /// <summary>A sender that announces a body and sends none of it.</summary>
    private sealed class Unsent : MemoryStream
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }
}
