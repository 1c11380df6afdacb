using Orleans.Runtime;
using OrleansCrm.Journal;

namespace OrleansCrm.Server.Http;

/// <summary>Tells trouble that a repeat may cure from our own mistakes.</summary>
internal static class Unavailable
{
    /// <summary>Whether a call of a grain or the database ended without an answer: it may have been carried out or not.</summary>
    public static bool Is(Exception? exception) => exception is TimeoutException or OrleansException or JournalUnavailableException;

    /// <summary>The same directly around a grain call, where a grain that is being reloaded says so with plain exceptions.</summary>
    public static bool IsOfGrain(Exception exception) => Is(exception) || exception is InvalidOperationException or OperationCanceledException;
}
