using OrleansCrm.Engagement.Customers;
using OrleansCrm.Engagement.Program;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Tests.Hosting;

public sealed class WarmStartTests
{
    [Fact]
    public void What_is_rehearsed_goes_all_the_way()
    {
        var now = DateTimeOffset.UtcNow;

        var profile = ProfileRenderer.Render(WarmStart.Rehearse(now), ProgramDocument.Default, now.ToUnixTimeMilliseconds());

        using var json = System.Text.Json.JsonDocument.Parse(profile);
        Assert.Equal((3, 1), (json.RootElement.GetProperty("events").GetInt32(), json.RootElement.GetProperty("value").GetProperty("orders").GetInt32()));
        Assert.Contains(json.RootElement.GetProperty("recent").EnumerateArray(), entry => entry.GetRawText().Contains("offer shown", StringComparison.Ordinal));
    }
}
