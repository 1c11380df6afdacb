using Orleans.Runtime;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Http;

/// <summary>Tells trouble that a repeat may cure from our own mistakes.</summary>
internal static partial class Unavailable
{
    /// <summary>Whether a call of a grain or the database ended without an answer: it may have been carried out or not.</summary>
    public static bool Is(Exception? exception) => exception is TimeoutException or OrleansException or JournalUnavailableException;

    /// <summary>The same directly around a grain call, where a grain that is being reloaded says so with plain exceptions.</summary>
    public static bool IsOfGrain(Exception exception) => Is(exception) || exception is InvalidOperationException or OperationCanceledException;

    /// <summary>Lets a request be answered; when that needs a grain which gives no answer, says so.</summary>
    public static async Task GuardAsync(HttpContext context, Func<Task> answer)
    {
        try
        {
            await answer();
        }
        catch (Exception e) when (IsOfGrain(e) && !context.RequestAborted.IsCancellationRequested)
        {
            // A mistake of ours can look like a grain that is being reloaded: only the log can tell.
            if (!Is(e))
                LogUnanswered(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Unavailable)), e);

            // What has begun has no other end that tells that it is not whole.
            if (context.Response.HasStarted)
                context.Abort();
            await Problems.WriteUnavailableAsync(context);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "A request was told to come again")]
    private static partial void LogUnanswered(ILogger logger, Exception exception);
}
