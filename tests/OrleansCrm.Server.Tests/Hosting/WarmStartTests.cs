using System.Text;
using OrleansCrm.Engagement.Customers;
using OrleansCrm.Server.Hosting;

namespace OrleansCrm.Server.Tests.Hosting;

public sealed class WarmStartTests
{
    [Fact]
    public void What_is_rehearsed_goes_all_the_way()
    {
        var state = WarmStart.Rehearse(DateTimeOffset.UtcNow);

        // Three events and the decision, which has shown something.
        Assert.Equal(3, state.Offset);
        Assert.Contains("\"offers\":[", Encoding.UTF8.GetString(SnapshotCodec.Encode(state)), StringComparison.Ordinal);
    }
}
