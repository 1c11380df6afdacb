using Microsoft.AspNetCore.SignalR;

namespace OrleansCrm.Server.Alerts;

/// <summary>Logs what went wrong in a hub method by our own mistake. Refusals are answers.</summary>
internal sealed partial class HubFailures(ILogger<HubFailures> logger) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocation, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocation);
        }
        catch (Exception e) when (e is not HubException)
        {
            LogFailed(e, invocation.HubMethodName);
            throw;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "The hub method {Method} failed")]
    private partial void LogFailed(Exception exception, string method);
}
