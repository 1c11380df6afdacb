using OrleansCrm.Server.Simulation;
using OrleansCrm.Server.Storefront;

namespace OrleansCrm.Server.Tests.Import;

internal static class Histories
{
    public static TempFile Retail() => new(RetailRow.ToCsv(RetailRow.Traps));

    /// <summary>A simulated year, ended long ago, of a few hundred customers.</summary>
    public static TempFile Simulated(int customers = 200)
    {
        using var content = new MemoryStream();
        var options = new SimulateOptions { Customers = customers, Days = 365, Seed = 5 };
        SimulatedHistory.Draw(options, new DateTimeOffset(2025, 6, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds()).Write(content);
        return new TempFile(content.ToArray());
    }

    /// <summary>Customers who are silent for too long at this very moment, so that alerts stay open.</summary>
    public static TempFile Silent()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var events = new Shop(new StorefrontOptions { Url = new Uri("http://localhost"), WriteKey = "k" }, 1, now).Step(now);
        return new TempFile([.. events.SelectMany(e => e.Append((byte)'\n'))]);
    }
}
