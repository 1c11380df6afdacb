using OrleansCrm.Server.Tests.Hosting;
using OrleansCrm.Server.Tests.Ingest;

namespace OrleansCrm.Server.Tests.Alerts;

internal static class AlertsAtDesk
{
    /// <summary>Makes an alert and waits until its desk has it.</summary>
    /// <returns>Its id.</returns>
    public static async Task<string> RaiseAsync(TestServer server, string? user = null, string desk = "default")
    {
        user ??= Events.NewCustomer();
        Assert.Equal(200, (await server.IngestAsync(Events.SilentCustomer(user))).Status);
        using var deadline = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            foreach (var alert in (await server.GetAsync($"/v1/desks/{desk}/alerts?limit=500")).Json["items"].EnumerateArray())
            {
                if (alert.GetProperty("customerId").GetString() == user)
                    return alert.GetProperty("id").GetString()!;
            }

            await Task.Delay(20, deadline.Token);
        }
    }
}
